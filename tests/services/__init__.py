"""Which services can be linked, and that a new one is one spec."""
