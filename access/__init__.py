"""Who may do what: users, roles, region scope, devices, tokens, audit trail."""
