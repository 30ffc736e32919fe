"""
Money that comes in by card, through Stripe.

    gateway.py    the one door to Stripe: its client, and what its errors mean
    payers.py     who pays: the customer at Stripe, the saved card, the portal
    top_ups.py    one payment, from the button to the credit
    reversals.py  refunds and disputes: clawed back, and given back
    saved_card.py charging the card that was kept, while nobody is there
    automatic.py  top-ups that happen by themselves
    declines.py   those that failed: counted, told, and in the end switched off
    notices.py    what people and their programs are told of it
    events.py     what Stripe tells us: filed once, processed in any order
    sweep.py      what nobody told us of
"""
