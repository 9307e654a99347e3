"""Names that a far machine may have."""

HOSTILE = [
    b"-rf",
    b"$(touch x)",
    b"`id`",
    b"two\nlines",
    b" blank ",
    b"x" * 255,
    b"Caf\xe9-Am\xe9lie",
    "Amélie 日本語 🎬".encode(),
    b"..hidden",
    b"...",
    b"%41%00",
    b"\x01\x1b[31m",
    b'"; rm *',
]
