"""
A local stand-in for Stripe: its REST API, its hosted pages, its webhooks, every fault on demand.

Its own process and its own state; knows no Django and nothing of the shop. `server` serves,
`reception` receives API requests, `shapes/` are Stripe's objects and their pure changes, `acts/` do
things to stored objects and record the events, `api/` has one table of routes per kind of object,
`pages/` are what a customer sees, `control/` is what tests and the launcher ask and set.
"""
