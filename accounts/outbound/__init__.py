"""
Requests to addresses that strangers chose: files brought home, customers' webhooks.

    addresses   which addresses the public may make us talk to
    urls        which addresses may be written in a URL at all
    names       what a name leads to, judged
    connector   the way out for what is sent on an event loop
    errors      why something was not reached, and what to do about it

What is fetched synchronously goes out through `generations/media/wire.py`.
"""
