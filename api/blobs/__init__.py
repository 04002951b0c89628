"""Photos: uploaded by phones in chunks, seen by those who may see the interview."""
