"""Tells once a week what there was."""
