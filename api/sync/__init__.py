"""The exchange with phones."""
