"""Deletes requests with what they brought."""
