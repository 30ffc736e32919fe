"""
Customers' webhooks: events on their way to programs of theirs, signed (Standard Webhooks).

    addresses   where we may send
    secrets     what signs, and what signed a while ago
    endpoints   made, changed, rotated, switched off
    deliveries  pinged, replayed, stopped, forgotten
    schedule    when a failed one is tried again
    parcels     what is sent: the body, and what signs it
    courier     sends one, and says what became of it
    results     what became of many, written down
    loop        takes up what is due and sends it, side by side
"""
