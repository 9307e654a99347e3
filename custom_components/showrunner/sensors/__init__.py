"""Tables of sensors by subject; `sensor` is the platform that sets them up."""
