"""What became of an op."""
