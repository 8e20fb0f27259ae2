"""The search finds a canary in every disguise it claims to see through, and none where there is none."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
import zlib

import numpy as np
import pytest

from deploy.demo.canary import KOREAN_MARK, Canary, search

CANARY = Canary(12)
NOISE = np.random.default_rng(5).integers(0, 256, 200_000, np.uint8).tobytes()


def _zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", content)
    return target.getvalue()


def _low_bits(text: str) -> bytes:
    words = np.random.default_rng(6).integers(-1000, 1000, 5000, np.int32)
    bits = np.unpackbits(np.frombuffer(text.encode(), np.uint8))
    words[100 : 100 + bits.size] = (words[100 : 100 + bits.size] & ~1) | bits
    return words.tobytes()


DISGUISES = {
    "plain": CANARY.latin.encode(),
    "korean": CANARY.korean.encode(),
    "euc-kr": KOREAN_MARK.encode("euc-kr"),
    "utf-16": CANARY.latin.encode("utf-16"),
    "hex": CANARY.korean.encode().hex().encode(),
    "int32": np.array(list(CANARY.latin.encode()), np.int32).tobytes(),
    "float32": np.array(list(CANARY.latin.encode()), np.float32).tobytes(),
    "float64": np.array(list(CANARY.korean.encode()), np.float64).tobytes(),
    "zlib": zlib.compress(CANARY.latin.encode() * 3),
    "gzip": gzip.compress(CANARY.korean.encode()),
    "zip": _zipped(CANARY.latin.encode()),
    "zip in zlib": zlib.compress(_zipped(CANARY.latin.encode())),
    "base64 in gzip": gzip.compress(base64.b64encode(b"ab" + CANARY.latin.encode())),
    "low bits": _low_bits(CANARY.latin),
    **{f"base64 at {n}": base64.b64encode(b"x" * n + CANARY.latin.encode() + b"tail") for n in range(3)},
}


@pytest.mark.parametrize("disguise", sorted(DISGUISES))
@pytest.mark.parametrize("before", [0, 1, 7])
def test_a_canary_is_found_in_every_disguise(disguise: str, before: int) -> None:
    assert search(NOISE[:before] + DISGUISES[disguise] + NOISE[-10:])


def test_noise_holds_no_canary() -> None:
    assert search(NOISE) == set()
