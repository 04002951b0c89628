"""Which unit gets which findings, and where a region decided otherwise."""
