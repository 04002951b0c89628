"""News of cases, for whoever signs in."""
