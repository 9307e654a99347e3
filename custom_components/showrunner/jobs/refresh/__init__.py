"""Tells Jellyfin what was imported."""
