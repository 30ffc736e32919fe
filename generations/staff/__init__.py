"""What staff can do about one generation; `acts.py` is the table, `doing.py` the door."""
