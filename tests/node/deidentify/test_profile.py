"""Every row of the pinned table has an action, and the action happens."""

from __future__ import annotations

from io import BytesIO

import pytest
from fakes.instances import dicom_file
from pydicom import Dataset, dcmread

from node.deidentify.clean import clean
from node.deidentify.dictionary import value_representation
from node.deidentify.opening import open_image
from node.deidentify.profile import DUMMIES, Treatment, is_term, rows, treatment
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage
from node.deidentify.writing import Written, encode_elements, encode_file, encode_sequence, written_text

KEY = bytes(range(32))
MARK = "LEAKMARK"
TABLE = rows("ps3_15_2026c.csv")
ACTIONS = sorted({row["action"] for row in TABLE})
# Rows of the table this node treats otherwise, by the options it names: 113107 for dates, 113108 for sex and age;
# a pseudonym for the ID (Z/D allows one), UIDs mapped inside the two sequences of images (X/Z/U*).
BY_OPTION = {
    "StudyDate": Treatment.DATE,
    "SeriesDate": Treatment.DATE,
    "AcquisitionDate": Treatment.DATE,
    "ContentDate": Treatment.DATE,
    "AcquisitionDateTime": Treatment.DATE,
    "PatientID": Treatment.PSEUDONYM,
    "PatientSex": Treatment.TERM,
    "PatientAge": Treatment.AGE,
    "ReferencedImageSequence": Treatment.SEQUENCE,
    "SourceImageSequence": Treatment.SEQUENCE,
}
MARKED = {
    "AS": "077Y",
    "DA": "19991231",
    "DT": "19991231235959",
    "TM": "235959.123",
    "DS": "77777.25",
    "IS": "7777777",
    "UI": "1.2.3.77777.77777",
}


def marked(tag: int) -> tuple[Written, bytes]:
    """An element that carries a mark in the form of its representation, and the mark."""
    vr = value_representation(tag).split(" or ")[0] or "LO"
    if vr == "SQ":
        return encode_sequence(tag, [[written_text(0x00100010, "PN", MARK)]], little_endian=True), MARK.encode()
    value = MARKED.get(vr, MARK)
    return written_text(tag, vr, value), value.encode()


def film_with(element: Written) -> bytes:
    """A whole film with the element added or put in the place of its own."""
    image = open_image(dicom_file())
    others = [Written(one.tag, one.vr, one.value) for one in image.elements.values() if one.tag != element.tag]
    return encode_file(
        encode_elements([*others, element], little_endian=True),
        sop_class_uid="1.2.840.10008.5.1.4.1.1.1",
        instance_uid="1.2.3.4.1",
        transfer_syntax_uid="1.2.840.10008.1.2.1",
    )


def cleaned(raw: bytes) -> CleanImage:
    verdict = clean(raw, replacement(summarise(raw), KEY))
    assert isinstance(verdict, CleanImage)
    return verdict


def in_the_data_set(tag: int) -> bool:
    return tag >> 16 >= 0x0008


def tags_of(action: str) -> list[tuple[int, str]]:
    """The tags of an action; a repeating group stands for itself by its first group."""
    found = [(int(row["tag"].replace("x", "0"), 16), row["keyword"]) for row in TABLE if row["action"] == action]
    return [(tag, keyword) for tag, keyword in found if keyword not in BY_OPTION]


def test_the_pinned_table_is_whole() -> None:
    assert len(TABLE) == 655
    assert len({row["tag"] for row in TABLE}) == 655
    assert ACTIONS == ["D", "U", "X", "X/D", "X/Z", "X/Z/D", "X/Z/U*", "Z", "Z/D"]


def test_only_the_named_options_differ_from_the_table() -> None:
    kept = {row["keyword"]: row for row in rows("kept.csv")}
    in_both = {row["keyword"] for row in TABLE} & set(kept)
    assert in_both == set(BY_OPTION)
    assert {keyword: Treatment(kept[keyword]["treatment"]) for keyword in in_both} == BY_OPTION


@pytest.mark.parametrize("action", ACTIONS)
def test_every_row_of_the_table_is_obeyed(action: str) -> None:
    for tag, keyword in tags_of(action):
        element, mark = marked(tag)
        if not in_the_data_set(tag):
            assert treatment(tag) is (Treatment.UID if action == "U" else Treatment.REMOVE), keyword
            continue
        if keyword in {"SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"}:
            element = written_text(tag, "UI", mark.decode())
        clean_image = cleaned(film_with(element))
        assert mark not in clean_image.contents, keyword
        assert_action(dcmread(BytesIO(clean_image.contents)), tag, action)


def assert_action(data_set: Dataset, tag: int, action: str) -> None:
    vr = value_representation(tag)
    match action:
        case "U":
            assert data_set[tag].value.startswith("2.25.")
        case "Z" | "Z/D":
            assert not data_set[tag].value
        case "D" if vr in DUMMIES:
            assert str(data_set[tag].value) == DUMMIES[vr]
        case "D" if vr == "UI":
            assert data_set[tag].value.startswith("2.25.")
        case _:
            assert tag not in data_set


@pytest.mark.parametrize("keyword", sorted(set(BY_OPTION) - {"PatientAge"}))
def test_a_row_treated_by_an_option_keeps_no_identifying_value(keyword: str) -> None:
    tag = next(int(row["tag"], 16) for row in TABLE if row["keyword"] == keyword)
    element, mark = marked(tag)
    assert mark not in cleaned(film_with(element)).contents


def test_an_attribute_no_table_names_is_removed() -> None:
    assert treatment(0x00080070) is Treatment.REMOVE  # Manufacturer
    assert treatment(0x00204000) is Treatment.REMOVE  # Image Comments
    assert treatment(0x00280301) is Treatment.REMOVE  # Burned In Annotation: a claim nobody has proven


@pytest.mark.parametrize("tag", [0x00090010, 0x00111001, 0x0029A0FF, 0x7FE10010, 0x60013000])
def test_every_private_attribute_is_removed(tag: int) -> None:
    assert treatment(tag) is Treatment.REMOVE


@pytest.mark.parametrize("tag", [0x60000010, 0x60003000, 0x601E3000, 0x60024000, 0x50003000, 0x50FE0010])
def test_overlays_and_curves_of_every_group_are_removed(tag: int) -> None:
    assert treatment(tag) is Treatment.REMOVE


def test_every_kept_tag_carries_its_own_keyword_and_every_kept_word_has_a_vocabulary() -> None:
    for row in rows("kept.csv"):
        assert value_representation(int(row["tag"], 16)), row
        if row["treatment"] == Treatment.TERM:
            assert not is_term(int(row["tag"], 16), "HONG GILDONG")
