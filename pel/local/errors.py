"""The one error of this room."""


class LocalError(RuntimeError):
    """Something on this machine is in the way; the message says what, and the way out."""
