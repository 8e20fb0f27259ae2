"""What is read of a header, in whatever form it comes."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from fakes.instances import dataset, dicom_file
from pydicom import Dataset, Sequence
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from node.deidentify.errors import KeyTooShort
from node.deidentify.pseudonyms import (
    LONGEST_SHIFT_DAYS,
    date_shift_days,
    new_uid,
    patient_lookup,
    patient_pseudonym,
    replacement,
)
from node.deidentify.summary import summarise

KEY = bytes(range(32))
NAME = "Hong^Gildong=洪^吉洞=홍^길동"
PYDICOM_FILES = Path(pydicom.__file__).parent / "data" / "test_files"


def with_name(*character_sets: str) -> Dataset:
    image = dataset()
    image.SpecificCharacterSet = list(character_sets)
    image.PatientName = NAME
    return image


def test_a_summary_holds_what_the_header_says() -> None:
    summary = summarise(dicom_file())
    assert (summary.patient_id, summary.sex, summary.age) == ("P-77", "F", "044Y")
    assert (summary.modality, summary.body_part, summary.view) == ("CR", "CHEST", "PA")
    assert (summary.rows, summary.columns, summary.frames, summary.study_date) == (16, 16, 1, "20250314")
    assert summary.uids == ("1.2.3.2", "1.2.3.2.1", "1.2.3.4.1")


@pytest.mark.parametrize("character_sets", [("", "ISO 2022 IR 149"), ("ISO_IR 192",)])
def test_a_korean_name_is_read_in_all_its_groups(character_sets: tuple[str, ...]) -> None:
    assert summarise(dicom_file(with_name(*character_sets))).patient_name == NAME


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        (b"ISO_IR 149", "cp949"),
        (b"ISO_IR 999", "utf-8"),
        (b"ISO_IR 999", "cp949"),
        (b"          ", "utf-8"),
        (b"          ", "cp949"),
    ],
)
def test_a_wrong_or_missing_character_set_is_guessed(declared: bytes, encoding: str) -> None:
    image = with_name("ISO_IR 192")
    raw = dicom_file(image).replace(b"ISO_IR 192", declared)
    written = NAME.encode("utf-8")
    start = raw.index(written)
    told = int.from_bytes(raw[start - 2 : start], "little")
    value = NAME.encode(encoding)
    value += b" " * (len(value) % 2)
    raw = raw[: start - 2] + len(value).to_bytes(2, "little") + value + raw[start + told :]
    assert summarise(raw).patient_name == NAME


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_every_native_form_reads_alike(syntax: pydicom.uid.UID) -> None:
    image = dataset()
    image.file_meta.TransferSyntaxUID = syntax
    found, expected = summarise(dicom_file(image)), summarise(dicom_file())
    assert (found.rows, found.patient_id, found.uids) == (expected.rows, expected.patient_id, expected.uids)


def test_a_file_without_preamble_or_meta_information_reads_alike() -> None:
    raw = dicom_file()
    expected = summarise(raw)
    assert summarise(raw[132:]) == expected
    bare = raw[raw.index(b"\x08\x00\x05\x00CS") :]
    assert summarise(bare) == expected


def test_a_label_outside_the_vocabulary_is_not_shown() -> None:
    image = dataset()
    image.BodyPartExamined = "CHEST HONG"
    assert summarise(dicom_file(image)).body_part == ""


def test_a_printed_summary_names_nobody() -> None:
    assert "Canary" not in repr(summarise(dicom_file()))
    assert "P-77" not in repr(summarise(dicom_file()))


def test_the_same_patient_has_one_pseudonym_and_another_issuer_is_another_patient() -> None:
    first = patient_pseudonym(KEY, issuer="A", patient_id="12345")
    assert first == patient_pseudonym(KEY, issuer="A ", patient_id=" 12345\0")
    assert first != patient_pseudonym(KEY, issuer="B", patient_id="12345")
    assert first != patient_pseudonym(KEY, issuer="A1", patient_id="2345")
    assert len(first) == 18


def test_nothing_keyed_is_found_without_the_key() -> None:
    other = bytes(32)
    assert new_uid(KEY, "1.2.3") != new_uid(other, "1.2.3")
    assert patient_lookup(KEY, issuer="", patient_id="1") != patient_lookup(other, issuer="", patient_id="1")
    with pytest.raises(KeyTooShort):
        new_uid(b"short", "1.2.3")


def test_a_lookup_is_not_the_pseudonym() -> None:
    lookup = patient_lookup(KEY, issuer="A", patient_id="12345")
    assert len(lookup) == 64
    assert lookup[:20] != patient_pseudonym(KEY, issuer="A", patient_id="12345")


def test_shifts_stay_in_their_range_and_spread() -> None:
    shifts = {date_shift_days(KEY, f"P-{number}") for number in range(3000)}
    assert min(shifts) >= -LONGEST_SHIFT_DAYS
    assert max(shifts) <= -1
    assert len(shifts) > 900


def test_new_uids_are_valid() -> None:
    for number in range(200):
        uid = pydicom.uid.UID(new_uid(KEY, str(number)))
        assert uid.is_valid
        assert len(uid) <= 44


def test_images_without_a_patient_id_are_patients_by_their_study() -> None:
    one, same, other = (
        replacement(summarise(dicom_file(dataset(uid, patient_id="", study=study))), KEY).patient_pseudonym
        for uid, study in (("1.2.1", "1.2.8"), ("1.2.2", "1.2.8"), ("1.2.3", "1.2.9"))
    )
    assert one == same != other


def test_other_patient_numbers_are_known_in_both_forms_each_once() -> None:
    image = dataset()
    image.OtherPatientIDs = ["A-1", " B-2 ", "", "C-3"]
    inner, empty = Dataset(), Dataset()
    inner.PatientID, inner.TypeOfPatientID = "D-4", "TEXT"
    again = Dataset()
    again.PatientID = "A-1"
    image.OtherPatientIDsSequence = Sequence([inner, empty, again])
    found = summarise(dicom_file(image))
    assert found.other_patient_ids == ("D-4", "A-1", "B-2", "C-3")
    assert "D-4" not in repr(found)
    assert summarise(dicom_file()).other_patient_ids == ()


def test_other_patient_numbers_are_bounded() -> None:
    image = dataset()
    image.OtherPatientIDs = [f"N{number}" for number in range(100)]
    assert len(summarise(dicom_file(image)).other_patient_ids) == 64
