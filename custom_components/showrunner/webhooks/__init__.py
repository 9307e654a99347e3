"""The services' webhooks: where they arrive, and how the other side is told to call us."""
