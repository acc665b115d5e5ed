"""A provider of text messages over HTTP, on loopback."""

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Provider(ThreadingHTTPServer):
    """An SMS provider on loopback that answers as it is told: a status, "hang" or "drip"."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.answer = 200
        self.headers = {}
        self.pause = 0.0  # seconds before each answer
        self.requests = []
        self.closing = threading.Event()

    @property
    def host(self):
        return f"127.0.0.1:{self.server_port}"

    @property
    def texts(self):
        return [json.loads(body).get("message") for _, body in self.requests]

    def url(self, options="rto=0.3"):
        return f"json://shop:pass-w0rd@{self.host}/sms/{{to}}?{options}"


class Answer(BaseHTTPRequestHandler):
    """One request to the provider."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.requests.append((self.path, body.decode()))
        self.server.closing.wait(self.server.pause)
        with suppress(OSError):  # nobody may be waiting any more
            if self.server.answer == "hang":
                self.server.closing.wait(30)
            elif self.server.answer == "drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
                while not self.server.closing.wait(0.05):
                    self.wfile.write(b"x")
            else:
                self.send_response(self.server.answer)
                for name, value in {"content-length": "0", **self.server.headers}.items():
                    self.send_header(name, value)
                self.end_headers()

    def log_message(self, *arguments):
        """Say nothing."""
