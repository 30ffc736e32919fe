"""
Four loops drive every generation: dispatch, look, store, notify.

Each claims due rows with a lease, works on them concurrently, and writes back one by one. The
database connection is given back before anything waits on the network.
"""
