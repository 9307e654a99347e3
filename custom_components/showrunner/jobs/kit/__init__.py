"""How plans are carried out, and when: what every job is worked with."""
