"""The broker: what is told to it and what it may command."""
