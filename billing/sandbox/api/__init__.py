"""The REST API: one table of routes per kind of object; each act answers with an object."""
