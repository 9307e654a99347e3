"""What the scripts need of Python."""
