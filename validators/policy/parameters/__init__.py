"""Dated, cited parameters, one file an area: data only."""
