"""Measurements, side by side with the alternative in the same run: `script/bench NAME`."""
