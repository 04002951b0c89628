"""Form versions: read, checked, published."""
