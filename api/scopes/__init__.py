"""Whole scopes, for phones that begin."""
