"""The policy that findings are judged by: clauses, units, parameters, rules."""
