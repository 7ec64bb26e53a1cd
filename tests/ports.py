"""Ports of this machine. Imports nothing of the product: a test in a slow guest waits for each module."""

import socket


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
