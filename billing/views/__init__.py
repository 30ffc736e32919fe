"""Pages for money."""
