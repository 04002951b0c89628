"""Rules on the data of one household: what was told does not fit together. Findings about data, never about people."""
