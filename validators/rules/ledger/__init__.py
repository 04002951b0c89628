"""Rules about what the ledger was told twice and differently (九(一))."""
