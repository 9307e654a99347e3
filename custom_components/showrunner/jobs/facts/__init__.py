"""What several jobs ask, fresh: before they plan, and again before a step is carried out."""
