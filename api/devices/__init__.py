"""Phones: enrolment, state, new tokens."""
