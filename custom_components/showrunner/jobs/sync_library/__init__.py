"""Follows what was added by hand."""
