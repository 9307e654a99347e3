"""Which torrents may leave their client."""
