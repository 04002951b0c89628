"""Words every package speaks: problems, settings, clock, ids, principal, spans."""
