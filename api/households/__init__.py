"""Ledger entries: read, registered, corrected."""
