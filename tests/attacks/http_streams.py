"""Recorded HTTP/1.1 connections taken apart into requests, strictly: a byte that belongs to no request is an error."""

from __future__ import annotations

from dataclasses import dataclass


class StreamBroken(AssertionError):
    """Bytes that are no HTTP/1.1 request of the forms a node sends."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was sent."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    complete: bool = True

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def requests_of(stream: bytes) -> list[Request]:
    """Every request of a connection; the last may be incomplete where the connection was cut."""
    found, position = [], 0
    while position < len(stream):
        end = stream.find(b"\r\n\r\n", position)
        if end < 0:
            found.append(Request("", "", (), stream[position:], complete=False))
            break
        request, position = _request(stream, position, end)
        found.append(request)
    return found


def _request(stream: bytes, start: int, end: int) -> tuple[Request, int]:
    lines = stream[start:end].decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or parts[2] != "HTTP/1.1":
        raise StreamBroken(f"no request line: {lines[0][:60]!r}")
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines[1:]))
    names = [name.lower() for name, _ in headers]
    if "transfer-encoding" in names or names.count("content-length") > 1:
        raise StreamBroken("a body whose length is not stated once")
    length = int(next((value for name, value in headers if name.lower() == "content-length"), "0"))
    body = stream[end + 4 : end + 4 + length]
    return Request(parts[0], parts[1], headers, body, len(body) == length), end + 4 + length
