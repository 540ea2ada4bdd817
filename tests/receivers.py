"""Where notices arrive: a web server and a mail server on loopback, which keep what they get."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from pel.local.ports import free_port

Notices = list[dict[str, Any]]


@contextmanager
def webhook() -> Iterator[tuple[str, Notices]]:
    """Address of a web server, and the JSON that is posted to it."""
    received: Notices = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", received
    server.shutdown()
    server.server_close()


@contextmanager
def mailbox() -> Iterator[tuple[str, list[EmailMessage]]]:
    """Address of a mail server, and the messages that are sent to it."""
    received: list[EmailMessage] = []

    class Keep(Message):
        def handle_message(self, message: EmailMessage) -> None:
            received.append(message)

    server = Controller(Keep(EmailMessage), hostname="127.0.0.1", port=free_port())
    server.start()
    yield f"{server.hostname}:{server.port}", received
    server.stop()
