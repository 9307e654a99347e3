"""Moving finished downloads home: what lies at the other end, and how far a transfer is. Pure."""
