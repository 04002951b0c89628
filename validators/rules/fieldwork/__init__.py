"""Rules about how interviews were made (DOMAIN §5): they judge enumerators and phones, never households."""
