"""Multiparts of DICOM files whose framing lies, by a seed: boundaries, headers, lengths, nesting, endings.

The files inside stay whole unless a flipped byte falls on one, so that whatever is stored is one of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

BOUNDARY = "b0undary"
_END = b"\r\n"
_HEADERS = (
    b"Content-Type: application/dicom",
    b"content-type:application/dicom; transfer-syntax=*",
    b"CONTENT-TYPE : application/dicom ",
    b"Content-Type: text/html",
    b"Content-Type: application/dicom\x00/../../etc/passwd",
    b"Content-Type: multipart/related; boundary=" + BOUNDARY.encode(),
    b"Content-Type",
    b": application/dicom",
    b"Content-Length: 0",
    b"Content-Length: -1",
    b"Content-Length: 99999999999999999999",
    b"Content-Transfer-Encoding: base64",
    b"Content-Encoding: gzip",
    b"Content-Location: ../../../../tmp/escaped",
    b'Content-Disposition: attachment; filename="../../escaped.dcm"',
    b"X-Long: " + b"x" * 20_000,
    b"X-Folded: a\r\n\tb",
    "X-Wide: 흉부 촬영".encode(),
    b"X-Bare: a\nContent-Type: text/plain",
    b"\x00\x01\x02\xff\xfe",
)
_BOUNDARIES = (
    f'boundary="{BOUNDARY}"', f"boundary={BOUNDARY}", f"boundary={BOUNDARY[:-1]}", f"boundary={BOUNDARY}x", "boundary=",
    'boundary=""', 'boundary="', "boundary= ", f"boundary={'b' * 300}", 'boundary="a\\"b"', "boundary=\u00e9", "",
    f"boundary={BOUNDARY}; boundary=other", f"boundary=other; boundary={BOUNDARY}", "boundary=--", 'boundary="a b "',
)  # fmt: skip
_TYPES = ("application/dicom", '"application/dicom"', "application/dicom+json", "", "*/*", '"')
_PADDING = (b"", b" ", b"\t ", b" " * 3000, b"x", b"-", b"--", b"\r", b"\n")
_MOST_PIECES = 400


@dataclass(slots=True)
class Framing:
    """A body in the making: what stands between and around the files, each mutable by itself."""

    files: list[bytes]
    content_type: str = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
    heads: list[bytes] = field(default_factory=list)
    delimiters: list[bytes] = field(default_factory=list)
    before: bytes = b""
    after: bytes = b""

    def __post_init__(self) -> None:
        mark = f"--{BOUNDARY}".encode()
        self.heads = [_HEADERS[0] for _ in self.files]
        self.delimiters = [mark + _END, *(_END + mark + _END for _ in self.files[1:]), _END + mark + b"--" + _END]

    def body(self) -> bytes:
        """The bytes as they go over the line."""
        pieces = [self.before]
        for delimiter, head, file in zip(self.delimiters, self.heads, self.files, strict=False):
            pieces += [delimiter, head, _END + _END, file]
        return b"".join([*pieces, *self.delimiters[len(self.files) :], self.after])


def _boundary(one: Framing, chance: random.Random) -> None:
    one.content_type = f"multipart/related; type={chance.choice(_TYPES)}; {chance.choice(_BOUNDARIES)}"


def _head(one: Framing, chance: random.Random) -> None:
    at = chance.randrange(len(one.heads))
    one.heads[at] = _END.join(chance.choices(_HEADERS, k=chance.randint(0, 4)))


def _delimiter(one: Framing, chance: random.Random) -> None:
    at = chance.randrange(len(one.delimiters))
    mark = one.delimiters[at] or b"--"
    flipped = bytearray(mark)
    flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    padded = mark.rstrip(_END) + chance.choice(_PADDING) + _END
    one.delimiters[at] = chance.choice((b"", mark * 2, mark[:-1], mark[2:], bytes(flipped), padded, padded, mark[:-2]))


def _endings(one: Framing, chance: random.Random) -> None:
    to = chance.choice((b"\n", b"\r", b"\r\r\n", b""))
    one.delimiters = [mark.replace(_END, to) for mark in one.delimiters]


def _junk(one: Framing, chance: random.Random) -> None:
    junk = chance.choice((chance.randbytes(300), f"--{BOUNDARY}--\r\n".encode(), b"--" * 900, b"\r\n" * 400, b"--b0un"))
    if chance.random() < 0.5:
        one.before = junk
    else:
        one.after = junk


def _nested(one: Framing, chance: random.Random) -> None:
    at = chance.randrange(len(one.files))
    inner = chance.choice((BOUNDARY, BOUNDARY + "x", "inner"))
    head = f"--{inner}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    one.heads[at] = f"Content-Type: multipart/related; boundary={inner}".encode()
    one.files[at] = (head + one.files[at] + _END) * chance.randint(1, 3) + f"--{inner}--\r\n".encode()


def _file(one: Framing, chance: random.Random) -> None:
    at = chance.randrange(len(one.files))
    file = one.files[at]
    one.files[at] = chance.choice((b"", file[: chance.randrange(len(file) + 1)], file + bytes(2 << 20), bytes(500)))


def _crowd(one: Framing, chance: random.Random) -> None:
    mark = f"\r\n--{BOUNDARY}\r\n\r\n".encode()
    one.before = (mark + b"x" * chance.choice((0, 1, 7))) * chance.randint(50, 300)


_MUTATIONS: tuple[Callable[[Framing, random.Random], None], ...] = (
    _boundary, _head, _head, _delimiter, _delimiter, _endings, _junk, _nested, _file, _crowd,
)  # fmt: skip


def broken(files: Sequence[bytes], chance: random.Random) -> tuple[str, bytes]:
    """A content type and a body, one to three mutations away from a true one."""
    one = Framing(list(files))
    for mutate in chance.choices(_MUTATIONS, k=chance.randint(1, 3)):
        mutate(one, chance)
    body = one.body()
    if chance.random() < 0.2:
        body = body[: chance.randrange(len(body) + 1)]
    return one.content_type, body


def cut(body: bytes, chance: random.Random) -> list[bytes]:
    """The body in pieces as a network might cut it: whole, by the byte at its edges, or of one size."""
    if chance.random() < 0.3:
        return [body]
    size = max(1, len(body) // _MOST_PIECES, chance.choice((1, 3, 64, 1500, 65_536)))
    return [body[at : at + size] for at in range(0, len(body), size)]
