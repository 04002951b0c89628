"""Devices and server: push, settle, feed, pull."""
