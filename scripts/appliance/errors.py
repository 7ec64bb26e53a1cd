"""What stops an installation."""


class Trouble(Exception):
    """Something that the person at the keyboard has to know: what is wrong, and what to do."""
