"""Rules on support measures, interest links and outlets."""
