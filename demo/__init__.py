"""A small media world that speaks Jellyfin, Radarr, Prowlarr and ntfy, and a Home Assistant in it.

`python -m demo` starts both; tests take the world alone: `async with demo.run.running()`.
"""
