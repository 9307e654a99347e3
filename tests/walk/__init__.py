"""The whole walk: from a film that somebody watches to its outcome, in a real Home Assistant."""
