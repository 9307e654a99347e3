"""Tests of the requests' rules."""
