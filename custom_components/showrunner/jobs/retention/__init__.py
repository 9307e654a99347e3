"""Archives old history."""
