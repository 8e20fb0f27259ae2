"""DICOM files around an untouched data set, and what happens to files that are cut off or lie."""

from io import BytesIO

import pytest
from fakes.instances import dataset, dicom_file, instance
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread

from node.intake.part10 import FileBroken, file_bytes, is_dicom, opened
from node.intake.received import Instance


def test_a_stored_file_is_a_dicom_file_that_other_programs_read() -> None:
    read = dcmread(BytesIO(file_bytes(instance("1.2.3.9"))))
    assert read.file_meta.MediaStorageSOPInstanceUID == "1.2.3.9"
    assert read.PatientID == "P-77"
    assert read.PixelData == dataset().PixelData


def test_the_data_set_stays_byte_for_byte() -> None:
    sent = instance()
    assert opened(file_bytes(sent)) == sent


def test_a_program_in_the_preamble_is_not_stored() -> None:
    polyglot = b"MZ\x90" + dicom_file()[3:]
    assert file_bytes(opened(polyglot))[:128] == bytes(128)


def test_a_malformed_uid_is_kept_as_it_came() -> None:
    hostile = Instance("1.2", "../../etc/passwd", "1.2.840.10008.1.2", b"\x08\x00\x05\x00")
    assert opened(file_bytes(hostile)).sop_instance_uid == "../../etc/passwd"


@pytest.mark.parametrize("length", [132, 136, 150, 200, 300])
def test_a_file_cut_off_in_its_header_is_broken_not_a_crash(length: int) -> None:
    whole = dicom_file()
    with pytest.raises(FileBroken):
        opened(whole[: min(length, len(whole) - len(instance().data_set))])


def test_a_length_that_lies_is_refused() -> None:
    whole = bytearray(dicom_file())
    at = whole.index(b"\x02\x00\x02\x00UI")
    whole[at + 6 : at + 8] = b"\xff\xff"
    with pytest.raises(FileBroken):
        opened(bytes(whole))


@given(st.binary(max_size=400))
def test_no_bytes_after_the_prefix_crash_the_opener(tail: bytes) -> None:
    contents = bytes(128) + b"DICM" + tail
    assert is_dicom(contents)
    try:
        opened(contents)
    except FileBroken:
        return
