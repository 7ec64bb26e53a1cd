"""The command `auther`. Each file here is one command: check what was typed, call the application, print."""

from daemon.cli.root import main

__all__ = ["main"]
