"""What is true: pure rules over frozen values. No I/O, no Home Assistant, no clock."""
