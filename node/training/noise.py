"""Secret randomness for differential privacy: which patients a step draws, and the Gaussian noise that hides them.

Rules: every bit is keystream of ChaCha20 under a key of 256 bits from the operating system, which serves one optimiser
step and is then forgotten; no seed of a plan and no generator of torch or numpy has a part in it, because whoever could
foresee a draw could subtract the noise. A Gaussian is the sum of four of Box and Muller, halved: a single one in
floating point leaves gaps through which its value can be found again, a sum of several does not in practical time.

Not done here: discrete noise. What leaves is rounded to the plan's fixed point (`node.release.quantise`) as well.

Source: RFC 8439 (ChaCha20); Box and Muller, Ann. Math. Statist. 29 (1958); Holohan and Braghin, Secure Random Sampling
in Differential Privacy, ESORICS 2021, section 5 (n = 2), against Mironov, CCS 2012.
"""

from __future__ import annotations

import math
import os

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from numpy.typing import NDArray

from node.ground.errors import NodeError

KEY_BYTES = 32
STREAM_BYTES_MAX = 2**37
"""Half of what ChaCha20's block counter of 32 bits can number."""
_SUMMED = 4
_CHUNK = 1 << 20
_UNIT = 2.0**-53


class StreamExhausted(NodeError):
    """More was asked of one key than its counter can number."""


class SecretStream:
    """Bits nobody else can know, in order; no bit is given twice."""

    def __init__(self, key: bytes) -> None:
        """Begin the keystream of a key of 32 bytes; a key never begins two streams."""
        self._cipher = Cipher(ChaCha20(key, bytes(16)), mode=None).encryptor()
        self._given_bytes = 0

    def words(self, count: int) -> NDArray[np.uint64]:
        """The next words of 64 bits.

        Raises:
            StreamExhausted: the key has given all it may.
        """
        self._given_bytes += 8 * count
        if self._given_bytes > STREAM_BYTES_MAX:
            raise StreamExhausted("one key gives no more noise")
        return np.frombuffer(self._cipher.update(bytes(8 * count)), dtype=np.dtype("<u8"))

    def uniforms(self, count: int) -> NDArray[np.float64]:
        """Numbers in [0, 1), every multiple of 2**-53 alike."""
        return (self.words(count) >> np.uint64(11)).astype(np.float64) * _UNIT

    def gaussians(self, count: int) -> NDArray[np.float64]:
        """Independent numbers of mean 0 and variance 1."""
        parts = [self._summed(min(_CHUNK, count - done)) for done in range(0, count, _CHUNK)]
        return np.concatenate(parts) if parts else np.empty(0)

    def seed(self) -> int:
        """A seed of 63 bits, for what needs no secrecy."""
        return int(self.words(1)[0] >> np.uint64(1))

    def _summed(self, count: int) -> NDArray[np.float64]:
        pairs = -(-_SUMMED * count // 2)
        radius = np.sqrt(-2.0 * np.log(self.uniforms(pairs) + _UNIT))
        angle = 2.0 * math.pi * self.uniforms(pairs)
        single = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])
        total: NDArray[np.float64] = single[: _SUMMED * count].reshape(_SUMMED, count).sum(axis=0)
        return total / math.sqrt(_SUMMED)


def fresh_stream() -> SecretStream:
    """A stream under a key nobody has seen."""
    return SecretStream(os.urandom(KEY_BYTES))


def drawn_patients(patients: int, *, rate: float, stream: SecretStream) -> NDArray[np.int64]:
    """The places of the patients one step draws: each by itself with this probability; often none at all."""
    return np.flatnonzero(stream.uniforms(patients) < rate).astype(np.int64)
