"""What a customer sees: plain HTML from the server, one style sheet in the page, no scripts."""
