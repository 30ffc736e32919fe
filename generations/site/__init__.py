"""
What the pages show and take, between the views and the core.

    studio      the page with the order form
    offers      what the button says: price, or why not
    ordering    one order per pressed button
    cards       what a clip's card says
    story       the timeline of one clip, money included
    prices      the price table of the home page
    shots       its pictures
"""
