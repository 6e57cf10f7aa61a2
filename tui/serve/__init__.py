"""The dashboard in a browser: who may see it, the page, one process for each that is open.

textual-serve carries the board: its front end draws it, its protocol speaks with the process. What
it leaves open is decided here: who comes in, what a page may load, how much there may be of what.
Nothing here imports textual but `child`, which is the process of one board.
"""
