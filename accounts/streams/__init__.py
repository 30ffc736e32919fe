"""
Event streams (text/event-stream): thousands of clients in one process, told as it happens.

A view says who may hear what (`accounts/api/streams.py`). `sending.py` sends it outside of Django,
so that an idle client costs no thread. `hub.py` reads once for all clients of a workspace,
`reading.py` says in which order, `stream.py` is one client.
"""
