"""
A local stand-in for the providers: their real wire protocols, real clips, every fault on demand.

Its own process and its own state; knows no Django. `server` serves, `work` follows each job,
`renderer` makes the clips, `knobs` lists the faults, `providers/` has one file per company.
"""
