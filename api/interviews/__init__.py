"""What was answered, revision by revision."""
