"""What may leave because it was watched."""
