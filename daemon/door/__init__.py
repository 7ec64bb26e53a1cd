"""The door: its state machine, the thread that drives the strike, and what is attached to it."""
