"""Takes changes back."""
