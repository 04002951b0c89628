"""Indicators and reports over the ledger."""
