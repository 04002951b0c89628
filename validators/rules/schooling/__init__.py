"""Rules of schooling (三(一))."""
