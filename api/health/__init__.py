"""Whether this process lives and can work."""
