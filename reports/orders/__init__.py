"""Orders of reports: accepted at once, made by a worker, looked at meanwhile."""
