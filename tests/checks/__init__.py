"""The offline checks fail on broken input."""
