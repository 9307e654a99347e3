"""Stands in for a voice library that would need a compiler; the demo has no voice."""


class MicroVad:
    """Hears nothing."""

    def Process10ms(self, audio: bytes) -> float:  # noqa: N802  # the library's own name
        """Tell that nobody speaks."""
        return 0.0
