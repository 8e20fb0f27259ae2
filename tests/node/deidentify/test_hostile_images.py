"""Images that break the standard one way each: each ends as a clean image, a verdict or a refusal by code, soon."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from fakes.instances import dataset, dicom_file
from fakes.lines import BrightLines
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)
from waiting import patient

from node.deidentify.errors import UnreadableImage
from node.deidentify.pixels.cleaning import PixelCleaner
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage, Quarantined, QuarantineReason

KEY = bytes(range(32))
FILM = dicom_file()
Reason = QuarantineReason


def outcome(raw: bytes) -> QuarantineReason | None:
    """The reason the image is not clean, or None."""
    try:
        verdict = PixelCleaner(BrightLines()).clean(raw, replacement(summarise(raw), KEY))
    except UnreadableImage as unreadable:
        return unreadable.reason
    return verdict.reason if isinstance(verdict, Quarantined) else None


def changed(change: Callable[[Dataset], None]) -> bytes:
    image = dataset()
    image.PixelData = np.random.default_rng(1).integers(0, 200, 256).astype(np.uint8).tobytes()
    change(image)
    return dicom_file(image)


def element(tag: bytes, vr: bytes, value: bytes) -> bytes:
    return tag + vr + struct.pack("<H", len(value)) + value


def in_front(extra: bytes) -> bytes:
    """The film with more bytes before its first element."""
    start = FILM.index(b"\x08\x00\x05\x00CS")
    return FILM[:start] + extra + FILM[start:]


def test_a_flood_of_tiny_elements_is_refused_soon() -> None:
    flood = b"".join(struct.pack("<HH2sH", 0x0009, number & 0xFFFF, b"LO", 0) for number in range(0x1000, 0x10000))
    started = time.thread_time()
    assert outcome(FILM + flood * 7) in {Reason.TOO_MANY_ELEMENTS, Reason.MALFORMED}
    assert time.thread_time() - started < patient(2.0)


def _huge(image: Dataset) -> None:
    image.Rows = image.Columns = 65535
    image.PixelData = bytes(4)


def _no_pixels(image: Dataset) -> None:
    image.PixelData = b""


def _too_many_frames(image: Dataset) -> None:
    image.NumberOfFrames = 40


def _no_frames_at_all(image: Dataset) -> None:
    image.NumberOfFrames = 0


def _two_sexes_of_endianness(image: Dataset) -> None:
    image.file_meta.TransferSyntaxUID = ExplicitVRBigEndian


def _compressed_in_secret(image: Dataset) -> None:
    image.PixelData = encapsulate([bytes(64)])
    image["PixelData"].is_undefined_length = True
    image.file_meta.TransferSyntaxUID = JPEG2000Lossless


def _fragments_under_a_native_syntax(image: Dataset) -> None:
    image.compress(RLELossless, generate_instance_uid=False)
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian


def _fragment_of_nothing(image: Dataset) -> None:
    image.compress(RLELossless, generate_instance_uid=False)
    image.PixelData = b"\xfe\xff\x00\xe0\0\0\0\0" * 3


def _offsets_beyond(image: Dataset) -> None:
    image.compress(RLELossless, generate_instance_uid=False)
    offsets = struct.pack("<HHI2I", 0xFFFE, 0xE000, 8, 0, 4_000_000_000)
    image.NumberOfFrames = 2
    image.PixelData = offsets + image.PixelData[8:]


def _extended_offsets_beyond(image: Dataset) -> None:
    image.compress(RLELossless, generate_instance_uid=False)
    image.ExtendedOffsetTable = struct.pack("<Q", 2**60)
    image.ExtendedOffsetTableLengths = struct.pack("<Q", 2**60)


def _palette_too_short(image: Dataset) -> None:
    image.PhotometricInterpretation = "PALETTE COLOR"
    for name in ("Red", "Green", "Blue"):
        setattr(image, f"{name}PaletteColorLookupTableDescriptor", [4, 0, 16])
        setattr(image, f"{name}PaletteColorLookupTableData", bytes(8))


def _palette_missing(image: Dataset) -> None:
    image.PhotometricInterpretation = "PALETTE COLOR"


def _one_bit_more(image: Dataset) -> None:
    image.BitsAllocated, image.BitsStored, image.HighBit = 12, 12, 11


def _no_planes(image: Dataset) -> None:
    image.SamplesPerPixel = 0


def _sixty_thousand_colours(image: Dataset) -> None:
    image.SamplesPerPixel = 60_000


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        (_huge, {Reason.TRUNCATED}),
        (_no_pixels, {Reason.PIXEL_DATA_MISSING}),
        (_too_many_frames, {Reason.TRUNCATED}),
        (_no_frames_at_all, {None, Reason.PIXELS_UNREADABLE}),
        (_compressed_in_secret, {Reason.PIXELS_UNREADABLE}),
        (_fragments_under_a_native_syntax, {Reason.PIXEL_DATA_LENGTH, Reason.MALFORMED, Reason.LYING_LENGTH}),
        (_fragment_of_nothing, {Reason.PIXELS_UNREADABLE}),
        (_offsets_beyond, {Reason.PIXELS_UNREADABLE, Reason.MALFORMED}),
        (_extended_offsets_beyond, {None, Reason.PIXELS_UNREADABLE}),
        (_palette_too_short, {None, Reason.PIXELS_UNREADABLE}),
        (_palette_missing, {Reason.PIXELS_UNREADABLE}),
        (_one_bit_more, {Reason.MALFORMED, Reason.PIXEL_DATA_LENGTH, Reason.PIXELS_UNREADABLE, Reason.TRUNCATED}),
        (_no_planes, {None, Reason.PIXELS_UNREADABLE}),
        (_sixty_thousand_colours, {Reason.TRUNCATED}),
    ],
)
def test_pixel_data_that_does_not_fit_its_header_has_a_reason(
    change: Callable[[Dataset], None], reasons: set[QuarantineReason | None]
) -> None:
    assert outcome(changed(change)) in reasons


def test_native_bytes_called_compressed_are_refused() -> None:
    called = FILM.replace(b"1.2.840.10008.1.2.1\0", RLELossless.encode() + b"\0")
    assert outcome(called) is Reason.PIXEL_DATA_LENGTH


def test_the_words_of_another_byte_order_are_refused() -> None:
    raw = changed(_two_sexes_of_endianness)
    little = raw.replace(ExplicitVRBigEndian.encode() + b"\0", b"1.2.840.10008.1.2.1\0")
    assert outcome(little) is not None


def test_rows_in_another_number_representation_are_not_believed() -> None:
    at = FILM.index(b"\x28\x00\x10\x00US")
    long_rows = FILM[:at] + element(b"\x28\x00\x10\x00", b"UL", struct.pack("<I", 2**31)) + FILM[at + 10 :]
    assert outcome(long_rows) is Reason.PIXEL_DATA_MISSING


@pytest.mark.parametrize("vr", [b"UN", b"OB", b"SQ", b"DS"])
def test_a_name_under_another_representation_is_not_kept(vr: bytes) -> None:
    value = b"HONG^GILDONG"
    if vr in {b"UN", b"OB", b"SQ"}:
        odd = b"\x10\x00\x11\x10" + vr + struct.pack("<HI", 0, len(value)) + value
    else:
        odd = element(b"\x10\x00\x11\x10", vr, value)
    raw = FILM.replace(b"\x10\x00\x20\x00LO\x04\x00P-77", b"\x10\x00\x20\x00LO\x04\x00P-77" + odd)
    try:
        verdict = PixelCleaner(BrightLines()).clean(raw, replacement(summarise(raw), KEY))
    except UnreadableImage:
        return
    assert isinstance(verdict, CleanImage)
    assert b"HONG" not in verdict.contents


def test_an_odd_length_shifts_nothing_by_a_byte() -> None:
    odd = in_front(b"\x08\x00\x01\x00" + b"LO" + struct.pack("<H", 3) + b"abc")
    assert outcome(odd) is None or outcome(odd) in {Reason.MALFORMED, Reason.TRUNCATED, Reason.LYING_LENGTH}


def test_a_group_length_that_lies_is_not_believed() -> None:
    lying = in_front(element(b"\x08\x00\x00\x00", b"UL", struct.pack("<I", 0xFFFFFFF0)))
    assert outcome(lying) is None
    verdict = PixelCleaner(BrightLines()).clean(lying, replacement(summarise(lying), KEY))
    assert isinstance(verdict, CleanImage)
    assert 0x00080000 not in dcmread(BytesIO(verdict.contents))


@pytest.mark.parametrize(
    "extra",
    [
        element(b"\x08\x00\x05\x00", b"CS", b"\0\0\0\0"),
        element(b"\x08\x00\x04\x00", b"LO", b"A" * 60_000),
        element(b"\x08\x00\x04\x00", b"LO", b"\x1b$)C\xc8\x1b"),
        b"\x08\x00\x04\x00UT\0\0" + struct.pack("<I", 10**6) + b"A" * 10**6,
    ],
)
def test_text_of_any_length_and_with_unfinished_escapes_is_read_or_refused(extra: bytes) -> None:
    assert outcome(in_front(extra)) in {None, Reason.MALFORMED}


def _implicit(image: Dataset) -> None:
    image.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian


def test_a_word_of_a_million_letters_is_kept_by_nobody() -> None:
    raw = changed(_implicit)
    at = raw.index(b"\x08\x00\x05\x00", 132)
    endless = raw[:at] + b"\x08\x00\x04\x00" + struct.pack("<I", 10**6) + b"Gildong " * (10**6 // 8) + raw[at:]
    started = time.thread_time()
    assert outcome(endless) in {None, Reason.MALFORMED}
    assert time.thread_time() - started < patient(2.0)


# Philips' own compressions, and names that no standard gives: what is not known is not decoded.
@pytest.mark.parametrize("syntax", ["1.3.46.670589.33.1.4.1", "1.3.46.670589.33.1.4.2", "1.2.840.113619.5.2", "9.9"])
def test_a_makers_own_transfer_syntax_is_refused(syntax: str) -> None:
    def named(image: Dataset) -> None:
        image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian

    raw = changed(named)
    at = raw.index(b"\x02\x00\x10\x00UI") + 8
    length = struct.unpack_from("<H", raw, at - 2)[0]
    told = syntax.encode() + b"\0" * (len(syntax) % 2)
    group = struct.pack("<I", struct.unpack_from("<I", raw, 140)[0] + len(told) - length)
    lying = raw[:140] + group + raw[144 : at - 2] + struct.pack("<H", len(told)) + told + raw[at + length :]
    assert outcome(lying) is Reason.TRANSFER_SYNTAX


def test_private_sequences_without_a_creator_are_removed() -> None:
    inner = b"\x10\x00\x10\x00" + struct.pack("<I", 12) + b"HONG^GILDONG"
    item = b"\xfe\xff\x00\xe0" + struct.pack("<I", len(inner)) + inner
    nested = b"\x09\x00\x10\x10UN\0\0\xff\xff\xff\xff" + item + b"\xfe\xff\xdd\xe0\0\0\0\0"
    at = FILM.index(b"\x10\x00\x10\x00PN")
    raw = FILM[:at] + nested + FILM[at:]
    verdict = PixelCleaner(BrightLines()).clean(raw, replacement(summarise(raw), KEY))
    assert isinstance(verdict, CleanImage)
    assert b"HONG" not in verdict.contents


def test_a_missing_transfer_syntax_is_guessed_and_a_lying_one_does_not_hide_a_name() -> None:
    meta_less = FILM[FILM.index(b"\x08\x00\x05\x00CS") :]
    assert outcome(meta_less) is None
    lying = FILM.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2\0\0\0")
    verdict = PixelCleaner(BrightLines()).clean(lying, replacement(summarise(lying), KEY))
    assert not isinstance(verdict, CleanImage) or b"Gildong" not in verdict.contents


def test_one_study_may_hold_two_patient_ids_and_they_stay_two_patients() -> None:
    one, other = (summarise(dicom_file(dataset(patient_id=patient))) for patient in ("P-77", "P-78"))
    assert replacement(one, KEY).patient_pseudonym != replacement(other, KEY).patient_pseudonym
