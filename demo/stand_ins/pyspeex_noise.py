"""Stands in for a voice library that would need a compiler; the demo has no voice."""


class AudioProcessor:
    """Changes nothing."""

    def __init__(self, auto_gain: float, noise_suppression: int) -> None:
        """Take settings that change nothing."""

    def Process10ms(self, audio: bytes) -> bytes:  # noqa: N802  # the library's own name
        """Give back what came."""
        return audio
