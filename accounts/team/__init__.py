"""
Who is in a workspace: invited, given a role, removed, handed the whole of it.

`rules.py` says who may do what to whom. Every act holds the workspace's team while it looks and
changes, leaves an entry in the audit and writes to whom it concerns, in one transaction: of two
acts at once the second one sees what the first one did.
"""
