"""Takes in what others know of before."""
