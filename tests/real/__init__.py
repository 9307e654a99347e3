"""Tests of the real."""
