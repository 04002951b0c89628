"""Devices and server: push, settle, feed, pull; rounds and work lists; office ops; rebuild."""
