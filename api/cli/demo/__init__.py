"""A believable district, pushed through the public API as phones would."""
