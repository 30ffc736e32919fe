"""The website for programs of customers: where they are told, and what they were told."""
