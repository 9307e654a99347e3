"""Removes at its source what is home, imported, and seeded by nobody any more."""
