"""The endpoints: each translates, makes one domain call, and translates back."""
