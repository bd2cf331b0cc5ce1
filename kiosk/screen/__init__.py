"""The screen: a page on this computer's loopback that shows the conversation and takes wishes.

The page keeps nothing and decides nothing. What there is to show comes down one event stream (`view`),
whatever is touched, pressed or typed goes up as a wish (`wishes`), and both pass a guard that lets
only this computer's own page in.
"""

from kiosk.screen.server import Look, Screen

__all__ = ["Look", "Screen"]
