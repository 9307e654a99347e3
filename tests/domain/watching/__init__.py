"""The playback fold."""
