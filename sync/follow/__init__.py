"""Following up: the cases that offices work on, with owner, deadline, comments, escalation and history."""
