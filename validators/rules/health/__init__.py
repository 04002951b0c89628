"""Rules on family doctors and on treatment before payment."""
