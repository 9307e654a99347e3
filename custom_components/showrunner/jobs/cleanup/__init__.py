"""What was watched leaves: planned, proven, checked again, and taken back by `undo`."""
