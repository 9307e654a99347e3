"""Moves extras, samples and leftovers to a trash."""
