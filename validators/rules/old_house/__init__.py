"""Rules on old houses (旧房): demolition, protection, restoration, title."""
