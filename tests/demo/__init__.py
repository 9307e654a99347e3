"""The demo's world is checked as strictly as what it stands in for allows."""
