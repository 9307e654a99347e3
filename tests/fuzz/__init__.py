"""Every reader of foreign values, found by itself, under everything that a service may send."""
