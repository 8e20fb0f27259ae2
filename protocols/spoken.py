"""Bytes as words that two people can read to each other over the telephone, in any language that has letters.

Sixteen bits make one word of five letters, consonants and vowels in turn, so that it can be said by whoever never saw
it. Source: D. S. Wilkerson, A Proposal for Proquints, arXiv 0901.4016: 127.0.0.1 is "lusab babad".
"""

from __future__ import annotations

import hashlib
import struct

_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aiou"
NONCE_BYTES = 8
WORDS = 8


def spoken(raw: bytes) -> str:
    """The words of an even number of bytes."""
    numbers = struct.unpack(f">{len(raw) // 2}H", raw)
    return " ".join(_word(number) for number in numbers)


def unspoken(text: str) -> bytes | None:
    """The bytes of words that were heard and typed; nothing when one is no word."""
    found = [_number(word) for word in text.lower().split()]
    numbers = [number for number in found if number is not None]
    if not numbers or len(numbers) != len(found):
        return None
    return struct.pack(f">{len(numbers)}H", *numbers)


def comparison_words(nonce: bytes, keys: tuple[bytes, bytes]) -> str:
    """Eight words over two identity keys and the nonce one of the two nodes drew once it held both keys.

    Both people read the same words exactly when both nodes hold the same two keys. The nonce is drawn after the keys
    are fixed, so nobody can search for a key whose words are alike: each try would need a telephone call.
    """
    low, high = sorted(keys)
    digest = hashlib.sha256(b"intramuros/comparison/1" + struct.pack(">Q", len(nonce)) + nonce + low + high).digest()
    return spoken(digest[: 2 * WORDS])


def halves(words: str) -> tuple[str, str]:
    """What either person reads out of the eight words, so that each hears what only the other node could tell."""
    said = words.split()
    return " ".join(said[: WORDS // 2]), " ".join(said[WORDS // 2 :])


def _word(number: int) -> str:
    shifts = ((12, _CONSONANTS), (10, _VOWELS), (6, _CONSONANTS), (4, _VOWELS), (0, _CONSONANTS))
    return "".join(letters[(number >> shift) % len(letters)] for shift, letters in shifts)


def _number(word: str) -> int | None:
    letters = (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS)
    if len(word) != len(letters) or any(letter not in known for letter, known in zip(word, letters, strict=True)):
        return None
    number = 0
    for letter, known in zip(word, letters, strict=True):
        number = number * len(known) + known.index(letter)
    return number
