"""The repairs that are shown by themselves: one module each. What mends them is in `repairs`."""
