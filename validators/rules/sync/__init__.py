"""Rules about interviews that cannot both count (九(一))."""
