"""News of cases: an outbox that is written with what it tells, read in the application and sent to webhooks."""
