"""What was spent, drawn: by day, member, key and model. The numbers are `statements/usage.py`'s."""
