"""Clears from the torrent clients what is imported and has seeded enough."""
