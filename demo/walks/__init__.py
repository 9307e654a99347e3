"""The walks of `script/demo --check`, one a subject."""
