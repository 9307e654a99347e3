"""Requests: facts of the current attempt in, state out (PRODUCT 4). All of it pure."""
