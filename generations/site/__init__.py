"""
What the pages show and take, between the views and the core.

    studio      the page with the order form
    offers      what the button says: price, or why not
    makers      who could make it: price and time of each
    ordering    one order per pressed button
    cards       what a clip's card says
    story       the timeline of one clip, money included
    requests    an order as a request of the API
    library     the page of all clips, and what is done to many
    sheet       its filters and its search
    sharing     links for anybody
    prices      the price table of the home page
    shots       its pictures
"""
