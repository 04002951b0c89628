"""The ledger (台账): households, persons, spells; folded from the log."""
