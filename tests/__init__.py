"""The tests of Showrunner, in the same rooms as the code."""
