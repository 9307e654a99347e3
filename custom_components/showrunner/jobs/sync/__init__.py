"""Brings finished downloads of the seedbox home."""
