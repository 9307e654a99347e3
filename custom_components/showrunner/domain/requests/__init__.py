"""Requests: facts of the current attempt in, state out. All of it pure."""
