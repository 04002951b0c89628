"""Policy as code: clauses, parameters, rules, findings."""
