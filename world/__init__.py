"""A small media world: simulated services that speak the real protocols, from one coherent model.

Tests and the demo stand on it: `async with world.run.running() as servers`.
"""
