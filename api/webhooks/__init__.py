"""Webhooks: addresses that are told of news."""
