"""Bytes that are no image, or want to be one too many: each ends as a refusal by code, soon and in little memory."""

from __future__ import annotations

import random
import struct
import time
import tracemalloc
import zlib

import pytest
from fakes.instances import dataset, dicom_file
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from node.deidentify.clean import clean
from node.deidentify.elements import Limits
from node.deidentify.errors import UnreadableImage
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import QuarantineReason, Verdict

KEY = bytes(range(32))
FILM = dicom_file()
DATA_SET_START = FILM.index(b"\x08\x00\x05\x00CS")


def refusal(raw: bytes, limits: Limits | None = None) -> QuarantineReason:
    with pytest.raises(UnreadableImage) as caught:
        summarise(raw, limits)
    assert str(caught.value) == caught.value.reason.value
    return caught.value.reason


def nested(depth: int) -> bytes:
    """A private sequence in a sequence in a sequence, all of undefined length."""
    opened = b"\x09\x00\x10\x10SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    closed = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    return FILM + opened * depth + closed * depth


def deflated(body: bytes) -> bytes:
    image = dataset()
    image.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    raw = dicom_file(image)
    length = struct.unpack_from("<I", raw, 140)[0]
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return raw[: 144 + length] + squeezer.compress(body) + squeezer.flush()


def test_random_bytes_are_no_dicom() -> None:
    assert refusal(random.Random(5).randbytes(4096)) is QuarantineReason.NOT_DICOM
    assert refusal(b"") is QuarantineReason.NOT_DICOM
    assert refusal(b"\x89PNG\r\n\x1a\n" + bytes(300)) is QuarantineReason.NOT_DICOM


def test_random_bytes_behind_a_dicom_prefix_are_refused() -> None:
    refusal(bytes(128) + b"DICM" + random.Random(6).randbytes(4096))


def test_a_file_cut_short_anywhere_is_never_clean() -> None:
    for end in range(140, len(FILM), 7):
        try:
            verdict: Verdict | None = clean(FILM[:end], replacement(summarise(FILM[:end]), KEY))
        except UnreadableImage:
            continue
        assert hasattr(verdict, "reason"), end


def test_a_length_beyond_the_file_is_a_lie() -> None:
    lying = bytearray(FILM)
    pixel_data = FILM.index(b"\xe0\x7f\x10\x00")
    lying[pixel_data + 8 : pixel_data + 12] = b"\xf0\xff\xff\xff"
    assert refusal(bytes(lying)) is QuarantineReason.LYING_LENGTH


def test_deep_nesting_is_refused() -> None:
    assert refusal(nested(300)) is QuarantineReason.NESTED_TOO_DEEP
    assert refusal(nested(40_000)) is QuarantineReason.NESTED_TOO_DEEP
    assert summarise(nested(20)) == summarise(FILM)


def test_a_flood_of_empty_items_is_refused_soon() -> None:
    items = b"\xfe\xff\x00\xe0\0\0\0\0" * 300_000
    flood = FILM + b"\x09\x00\x10\x10SQ\0\0" + struct.pack("<I", len(items)) + items
    started = time.process_time()
    assert refusal(flood) is QuarantineReason.TOO_MANY_ELEMENTS
    assert time.process_time() - started < 2.0


def test_an_element_that_stands_twice_is_refused() -> None:
    twice = FILM[DATA_SET_START:]
    twice = twice.replace(b"\x10\x00\x20\x00LO\x04\x00P-77", b"\x10\x00\x20\x00LO\x04\x00P-77" * 2)
    assert refusal(FILM[:DATA_SET_START] + twice) is QuarantineReason.MALFORMED


def test_an_unknown_value_representation_is_refused() -> None:
    assert refusal(FILM.replace(b"\x10\x00\x20\x00LO", b"\x10\x00\x20\x00??")) is QuarantineReason.MALFORMED


def test_video_and_unknown_transfer_syntaxes_are_refused() -> None:
    video = FILM.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.4.100\0"[:20])
    assert refusal(video) is QuarantineReason.TRANSFER_SYNTAX


def test_a_deflated_bomb_is_bounded() -> None:
    bomb = deflated(FILM[DATA_SET_START:] + bytes(64 * 2**20))
    assert len(bomb) < 200_000
    tracemalloc.start()
    assert refusal(bomb, Limits(inflated_bytes=2**20)) is QuarantineReason.INFLATES_TOO_FAR
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 8 * 2**20


def test_a_deflated_file_cut_short_is_refused() -> None:
    assert refusal(deflated(FILM[DATA_SET_START:])[:-40]) is QuarantineReason.TRUNCATED


def test_zeros_behind_the_data_set_are_padding_and_are_not_kept() -> None:
    padded = FILM + bytes(512)
    verdict = clean(padded, replacement(summarise(padded), KEY))
    assert verdict == clean(FILM, replacement(summarise(FILM), KEY))


@settings(max_examples=300)
@given(st.data())
def test_whatever_bytes_change_the_outcome_is_a_verdict_or_a_refusal(data: st.DataObject) -> None:
    raw = bytearray(FILM_IMPLICIT if data.draw(st.booleans()) else FILM)
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(132, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        clean(bytes(raw), replacement(summarise(bytes(raw)), KEY))
    except UnreadableImage:
        return


def _implicit() -> bytes:
    image = dataset()
    image.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    return dicom_file(image)


FILM_IMPLICIT = _implicit()
