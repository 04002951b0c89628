"""Rules on party membership, grid, services, training for the new place and publicity."""
