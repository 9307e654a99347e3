"""Stops, starts and limits torrents at a person's word, and tells when a client is full."""
