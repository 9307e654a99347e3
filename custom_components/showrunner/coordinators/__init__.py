"""When we look: one coordinator a linked service; push and poll end in the same method."""
