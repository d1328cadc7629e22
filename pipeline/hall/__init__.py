"""The hall behind ``__main__``: one module per verb. Only here are all rooms seen, and only here is printed.

Rooms are imported when they are needed: a run with nothing to do imports none of them.
"""
