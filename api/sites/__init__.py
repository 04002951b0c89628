"""Ledger entries of sites and banners."""
