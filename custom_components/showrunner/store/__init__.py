"""What we remember: one SQLite database an entry, in a thread of its own."""
