"""
Files from outside: fetched through one guarded door, judged in a limited child, never trusted.

    wire        the only place that opens a socket, guarded by `accounts.outbound`
    fetch       bring one file home
    boxes       is this whole? the frame of mp4, mov and webm, in plain Python
    probe       what is in a clip, and its poster
    judge       is this the clip that was ordered?
    images      a customer's first frame, made anew
    limited     starts `child.py`, the one program that decodes what strangers made
    ranges      which part of a file a browser asks for

No Django here: limits and lists are arguments, and their defaults are the design's.
"""
