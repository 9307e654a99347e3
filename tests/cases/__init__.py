"""Failing inputs of other installations, each with the right outcome."""
