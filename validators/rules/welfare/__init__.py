"""Rules on two worries and three guarantees, the minimum living allowance and temporary aid."""
