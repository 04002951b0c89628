"""Rules of work (一(二), 五)."""
