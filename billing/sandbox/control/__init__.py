"""What tests and the launcher ask and set."""
