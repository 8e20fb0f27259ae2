"""The positive control of the canary search: leaks on purpose, sent over the same recorded way in the same run.

Every variant must be found; if one is not, the search proves nothing and the demo fails. The front answers 4xx to all.
"""

from __future__ import annotations

import gzip
import http.client
import json
import ssl
from collections.abc import Callable
from pathlib import Path

import numpy as np

from deploy.demo.canary import Canary, search

_CANARY = Canary(999_999)


def _low_bits() -> bytes:
    words = np.random.default_rng(3).integers(-50_000, 50_000, 20_000, np.int32)
    bits = np.unpackbits(np.frombuffer(_CANARY.latin.encode(), np.uint8))
    words[: bits.size] = (words[: bits.size] & ~1) | bits
    return words.tobytes()


def _characters_as_tensor() -> bytes:
    return np.array(list(_CANARY.latin.encode()), np.float32).tobytes()


def _json(**members: object) -> bytes:
    return json.dumps(members).encode()


BODIES: dict[str, Callable[[], bytes]] = {
    "metric name": lambda: _json(metrics=[{"name": _CANARY.latin, "value": 0.5}]),
    "exception text": lambda: _json(detail=f"KeyError: '{_CANARY.latin}'"),
    "extra tensor": _characters_as_tensor,
    "low bits": _low_bits,
    "file name": lambda: _json(path=f"/clean/{_CANARY.latin}.dcm"),
    "log": lambda: gzip.compress(f"INFO patient {_CANARY.korean} stored\n".encode() * 5),
}
HEADER = "header"
VARIANTS = (*BODIES, HEADER)


def send_leaks(port: int, authority: Path) -> None:
    """Every variant was sent through the recorder's control port, each on a connection of its own."""
    context = ssl.create_default_context(cafile=str(authority))
    for name in VARIANTS:
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=20)
        body = BODIES[name]() if name in BODIES else b"{}"
        headers = {"X-Trace": _CANARY.latin} if name == HEADER else {}
        connection.request("POST", "/api/control", body=body, headers=headers)
        connection.getresponse().read()
        connection.close()


def variants_found(captured: Path) -> int:
    """How many variants the search found in what the control port recorded, one file each."""
    return sum(1 for file in captured.glob("*.http") if search(file.read_bytes()))
