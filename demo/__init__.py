"""A Home Assistant with Showrunner to see it in, over the services of `world`, and its evenings.

`python -m demo` starts both.
"""
