"""The header of a clean file: the JSON Model of its elements, and where its pixels stand."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
from fakes.instances import dataset, dicom_file
from pydicom import Dataset
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.uid import JPEGLSLossless

from node.deidentify.errors import UnreadableImage
from node.deidentify.findings import BASE, CleanHeader
from node.deidentify.header import describe

HERE = "/studies/1.2.3.2/series/1.2.3.2.1/instances/1.2.3.4.1"


def metadata(header: CleanHeader) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(header.metadata)
    return found


def compressed(frames: int, fragments_each: int) -> Dataset:
    """Frames of bytes that say their number, under JPEG-LS."""
    image = dataset()
    image.file_meta.TransferSyntaxUID = JPEGLSLossless
    image.NumberOfFrames = frames
    contents = [bytes([number]) * 12 for number in range(1, frames + 1)]
    image.PixelData = encapsulate(contents, fragments_per_frame=fragments_each, has_bot=True)
    image["PixelData"].is_undefined_length = True
    return image


def test_levels_and_metadata_are_objects_of_the_json_model() -> None:
    header = describe(dicom_file())
    assert (header.study_uid, header.series_uid, header.instance_uid) == ("1.2.3.2", "1.2.3.2.1", "1.2.3.4.1")
    assert json.loads(header.study)["00081190"]["Value"] == [f"{BASE}/studies/1.2.3.2"]
    assert json.loads(header.series)["00080060"] == {"vr": "CS", "Value": ["CR"]}
    assert json.loads(header.instance)["00280010"] == {"vr": "US", "Value": [16]}
    found = metadata(header)
    assert list(found) == sorted(found)
    assert found["00100010"]["Value"] == [
        {"Alphabetic": "Canary^Gildong", "Ideographic": "洪^吉童", "Phonetic": "홍^길동"}
    ]
    assert found["00080008"]["Value"] == ["ORIGINAL", "PRIMARY"]
    assert found["7FE00010"] == {"vr": "OB", "BulkDataURI": f"{BASE}{HERE}/bulkdata/7FE00010"}


def test_native_pixels_are_found_again_by_their_place() -> None:
    image = dataset(fill=9)
    image.NumberOfFrames, image.PixelData = 2, bytes([1]) * 256 + bytes([2]) * 256
    raw = dicom_file(image)
    header = describe(raw)
    start, length = header.spans["7FE00010"]
    assert raw[start : start + length] == image.PixelData
    assert (header.frames, header.frame_bytes, header.fragments) == (2, 256, ())


@pytest.mark.parametrize(("frames", "each"), [(1, 1), (1, 3), (3, 1), (3, 2)])
def test_compressed_frames_are_found_again_fragment_by_fragment(frames: int, each: int) -> None:
    raw = dicom_file(compressed(frames, each))
    header = describe(raw)
    said = [b"".join(raw[start : start + length] for start, length in spans) for spans in header.fragments]
    assert said == [bytes([number]) * 12 for number in range(1, frames + 1)]
    assert header.frame_bytes == 0


def test_frames_are_told_apart_by_the_extended_offset_table_too() -> None:
    image = compressed(2, 1)
    pixels, offsets, lengths = encapsulate_extended([b"\1" * 8, b"\2" * 8])
    image.PixelData, image.ExtendedOffsetTable, image.ExtendedOffsetTableLengths = pixels, offsets, lengths
    image["PixelData"].is_undefined_length = True
    assert len(describe(dicom_file(image)).fragments) == 2


def test_frames_that_nothing_tells_apart_have_no_place() -> None:
    image = compressed(2, 1)
    image.PixelData = encapsulate([b"\1" * 8, b"\2" * 8, b"\3" * 8], has_bot=False)
    image["PixelData"].is_undefined_length = True
    assert describe(dicom_file(image)).fragments == ()


def test_short_binaries_stand_in_the_object_and_long_ones_are_named() -> None:
    image = dataset()
    image.add_new(0x00281201, "OW", b"\1\2" * 8)
    image.add_new(0x00281202, "OW", b"\3\4" * 1024)
    raw = dicom_file(image)
    header = describe(raw)
    found = metadata(header)
    assert base64.b64decode(found["00281201"]["InlineBinary"]) == b"\1\2" * 8
    assert found["00281202"]["BulkDataURI"] == f"{BASE}{HERE}/bulkdata/00281202"
    start, length = header.spans["00281202"]
    assert raw[start : start + length] == b"\3\4" * 1024


def test_a_long_value_in_an_item_is_named_by_its_path() -> None:
    table = Dataset()
    table.LUTDescriptor, table.LUTData = [2048, 0, 16], np.arange(2048, dtype="<u2").tobytes()
    table["LUTData"].VR = "OW"
    image = dataset()
    image.VOILUTSequence = [table]
    assert "00283010.0.00283006" in describe(dicom_file(image)).spans


def test_numbers_that_json_cannot_write_are_words_or_nothing() -> None:
    image = dataset()
    image.add_new(0x00189073, "FD", float("nan"))
    image.add_new(0x00189074, "DT", "")
    raw = dicom_file(image)
    raw = raw.replace(b"\x28\x00\x10\x00US", b"\x20\x00\x13\x00IS\x02\x00x \x28\x00\x10\x00US")
    found = metadata(describe(raw))
    assert found["00189073"] == {"vr": "FD", "Value": ["NaN"]}
    assert found["00200013"] == {"vr": "IS"}


def test_frames_that_do_not_begin_at_whole_bytes_are_only_had_decoded() -> None:
    image = dataset()
    image.BitsAllocated = image.BitsStored = 1
    image.HighBit, image.PixelData = 0, bytes(32)
    assert describe(dicom_file(image)).frame_bytes == 0


def test_what_is_no_clean_file_has_no_header() -> None:
    unnamed = dataset()
    del unnamed.StudyInstanceUID
    for raw in (b"", b"no image", dicom_file(unnamed)):
        with pytest.raises(UnreadableImage):
            describe(raw)
