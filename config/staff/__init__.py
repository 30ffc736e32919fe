"""Pages of the admin that are about everything at once: the dashboard, and the search."""
