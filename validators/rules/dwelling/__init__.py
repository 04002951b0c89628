"""Rules on dwellings (安置房): use, transfer, lease, title."""
