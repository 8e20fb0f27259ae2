"""The digest of contents: as its sources write it, the same in pieces of any size, another for anything else."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from node.intake.content_digest import FORM, ContentDigest

KEY, HASH_KEY, SYNTAX = bytes(range(32)), bytes(range(32, 64)), "1.2.840.10008.1.2.1"
CONTENTS = bytes(range(251)) * 9
REDUCTION = 0xE1 << 120
FROZEN = "geb074ea013f6377c8df92f73f2a147e8b273b36f8fe7a980f1fba68181a1e3a"


def digest(*pieces: bytes, key: bytes = KEY, hash_key: bytes = HASH_KEY, syntax: str = SYNTAX) -> str:
    made = ContentDigest(key, hash_key, syntax)
    for piece in pieces:
        made.update(memoryview(piece))
    return made.hexdigest()


def times(one: int, other: int) -> int:
    """The product of two blocks. Source: NIST SP 800-38D section 6.3."""
    product = 0
    for bit in range(127, -1, -1):
        product ^= one if other >> bit & 1 else 0
        one = one >> 1 ^ (REDUCTION if one & 1 else 0)
    return product


def encrypted(block: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(HASH_KEY), modes.ECB()).encryptor()  # noqa: S305 - one block, as GCM is made of
    return cipher.update(block)


def written_out(contents: bytes) -> str:
    """The digest from the text of its sources, block by block."""
    under, hashed = int.from_bytes(encrypted(bytes(16))), 0
    padded = contents + bytes(-len(contents) % 16) + (8 * len(contents)).to_bytes(8) + bytes(8)
    for at in range(0, len(padded), 16):
        hashed = times(hashed ^ int.from_bytes(padded[at : at + 16]), under)
    mask = int.from_bytes(encrypted(bytes(12) + b"\0\0\0\1"))
    told = SYNTAX.encode() + b"\0" + (hashed ^ mask).to_bytes(16)
    return FORM + hmac.new(KEY, told, hashlib.sha256).hexdigest()[1:]


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 2000])
def test_a_digest_is_what_its_sources_say(length: int) -> None:
    assert digest(CONTENTS[:length]) == written_out(CONTENTS[:length])


def test_a_digest_of_today_is_known_again_tomorrow() -> None:
    assert digest(CONTENTS) == FROZEN


@pytest.mark.parametrize("size", [1, 2, 15, 16, 17, 100, 1000])
def test_pieces_of_any_size_give_the_digest_of_the_whole(size: int) -> None:
    assert digest(*(CONTENTS[at : at + size] for at in range(0, len(CONTENTS), size))) == digest(CONTENTS)


def test_other_bytes_another_length_key_or_syntax_give_another_digest() -> None:
    made = {
        digest(CONTENTS), digest(CONTENTS + b"\0"), digest(CONTENTS[:-1]), digest(b"\0" + CONTENTS), digest(),
        digest(b"\0"), digest(bytes(16)), digest(bytes(32)), digest(CONTENTS, key=bytes(32)),
        digest(CONTENTS, hash_key=bytes(32)), digest(CONTENTS, syntax="1.2.840.10008.1.2"),
    }  # fmt: skip
    assert len(made) == 11
    assert {(one[0], len(one)) for one in made} == {(FORM, 64)}


def test_no_hexadecimal_digest_is_of_this_form() -> None:
    assert FORM not in "0123456789abcdef"
