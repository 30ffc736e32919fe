"""What can be done: each act changes stored objects and records the events, in Stripe's order."""
