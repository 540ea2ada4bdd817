"""Ports of 127.0.0.1: which can be used, and which one to take."""

import socket
from itertools import count

from pel.local.errors import LocalError


def free_port() -> int:
    """Any port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def next_free_port(first: int) -> int:
    """The lowest free port from the given one upwards."""
    return next(port for port in count(first) if not why_not(port))


def require_free(port: int, setting: str) -> int:
    """The port, when it can be listened on; raises LocalError naming the setting it came from."""
    if reason := why_not(port):
        raise LocalError(
            f"{setting} is {port}, and that port cannot be used ({reason}). "
            f"End the program that holds it, or set {setting} to another port."
        )
    return port


def why_not(port: int) -> str:
    """Why the port cannot be listened on; empty when it can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            return getattr(error, "strerror", None) or str(error)
    return ""
