"""Fetches what viewers finished."""
