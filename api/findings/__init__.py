"""Findings: listed, read in words, replied to."""
