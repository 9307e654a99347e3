"""Which videos are extras."""
