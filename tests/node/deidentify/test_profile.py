"""Every row of the pinned table has an action under every option, and the action happens."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from fakes.instances import dicom_file
from pydicom import Dataset, dcmread

from node.deidentify.clean import clean
from node.deidentify.dictionary import value_representation
from node.deidentify.opening import open_image
from node.deidentify.policy import DEFAULT, Dates, Policy
from node.deidentify.profile import DUMMIES, PINNED, TEXTUAL, Treatment, is_term, rows, treatment
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage
from node.deidentify.writing import Written, encode_file, encode_sequence, written_text

KEY = bytes(range(32))
MARK = "LEAKMARK"
TABLE = rows(PINNED)
NOTHING = Policy(dates=Dates.REMOVED, patient=False)
EVERYTHING = Policy(
    times=True, device=True, institution=True, uids=True, safe_private=True, descriptors=True, structured=True
)
ALONE = {
    "uids": replace(NOTHING, uids=True),
    "device": replace(NOTHING, device=True),
    "institution": replace(NOTHING, institution=True),
    "patient": replace(NOTHING, patient=True),
    "full_dates": replace(NOTHING, dates=Dates.FULL),
    "modified_dates": replace(NOTHING, dates=Dates.MODIFIED),
    "descriptors": replace(NOTHING, descriptors=True),
    "structured": replace(NOTHING, structured=True),
}
OPTIONS = ("safe_private", *ALONE, "graphics")
# What this node does with a row instead: the pseudonym stands for the ID (Z/D allows one), UIDs are mapped inside the
# two sequences of images (X/Z/U*), and the row of ages is answered by the age worked out.
OWN_RULE = {"PatientID", "PatientAge", "ReferencedImageSequence", "SourceImageSequence"}
CODED = {"PatientSex": "F", "PatientSexNeutered": "ALTERED", "SmokingStatus": "NO"}
"""Coded characteristics and a word that stays."""
MARKED = {
    "AS": "077Y",
    "DA": "19991231",
    "DT": "19991231235959",
    "TM": "235959.123",
    "DS": "77777.25",
    "IS": "7777777",
    "UI": "1.2.3.77777.77777",
}


# What edition 2026c says of attributes that earlier copies of the table did not hold.
LATE_ROWS = {
    "00081301 00081302 00081303 00081304 00100016 00100045 003A0020 003A0203 003A020C 00321033 00400556 0040B03B": {
        "descriptors": "C"
    },
    "0040B03F 00700006": {"descriptors": "C"},
    "0040A034 0040A035 0040B034 0040B036": {"full_dates": "K", "modified_dates": "C"},
    "00100043 00100046 00100047 00102160 00102161 00102162": {"patient": "K"},
    "00100042": {"patient": "C", "descriptors": "C"},
    "00181010 00181011": {"device": "K"},
    "0040B020": {"structured": "C"},
    "300A0054": {"uids": "K"},
    "00100011 00100012 00100013 00100014 00100015 00100041 00100044 0040E012": {},
}


def marked(tag: int) -> tuple[Written, bytes]:
    """An element that carries a mark in the form of its representation, and the mark."""
    vr = value_representation(tag).split(" or ")[0] or "LO"
    if vr == "SQ":
        return encode_sequence(tag, [[written_text(0x00100010, "PN", MARK)]], little_endian=True), MARK.encode()
    value = MARKED.get(vr, f"{MARK} CHEST" if vr in TEXTUAL else MARK)
    return written_text(tag, vr, value), MARKED.get(vr, MARK).encode()


def film_with(element: Written) -> bytes:
    """A whole film with the element added or put in the place of its own."""
    image = open_image(dicom_file())
    others = [Written(one.tag, one.vr, one.value) for one in image.elements.values() if one.tag != element.tag]
    return encode_file(
        [*others, element],
        little_endian=True,
        sop_class_uid="1.2.840.10008.5.1.4.1.1.1",
        instance_uid="1.2.3.4.1",
        transfer_syntax_uid="1.2.840.10008.1.2.1",
    )


def cleaned(raw: bytes, policy: Policy = DEFAULT) -> CleanImage:
    verdict = clean(raw, replacement(summarise(raw), KEY, policy))
    assert isinstance(verdict, CleanImage)
    return verdict


def expected(row: dict[str, str], vr: str, policy: Policy) -> str:
    """What the standard's columns ask for: the oracle, written from PS3.15 E.1.1 and not from the product."""
    said = in_time(row, vr, policy) if row["full_dates"] else (retained(row, vr, policy) or described(row, vr, policy))
    return said or basic(row["basic"], vr)


def in_time(row: dict[str, str], vr: str, policy: Policy) -> str:
    if policy.dates is Dates.REMOVED or vr not in {"DA", "DT", "TM"} or (vr == "TM" and not policy.keeps_times):
        return ""
    return "kept" if policy.dates is Dates.FULL or vr == "TM" else "moved"


def retained(row: dict[str, str], vr: str, policy: Policy) -> str:
    if (policy.device and row["device"]) or (policy.institution and row["institution"]):
        return {"SQ": "items", "UI": "kept"}.get(vr, "kept" if vr in TEXTUAL else "")
    if policy.uids and row["uids"] == "K":
        return "items" if vr == "SQ" else "kept" if basic(row["basic"], vr) == "mapped" else ""
    return ""


def described(row: dict[str, str], vr: str, policy: Policy) -> str:
    if row["keyword"] in CODED and policy.patient:
        return "coded"
    if policy.patient and row["patient"] == "K" and vr in {"DS", "IS", "US"}:
        return "kept"
    if vr == "SQ":
        described = row["descriptors"] or (policy.patient and row["patient"])
        kept = (policy.descriptors and described) or (policy.structured and row["structured"])
        return "items" if kept else ""
    text = policy.descriptors and (row["descriptors"] or (policy.patient and row["patient"]))
    return "cleaned" if text and vr in TEXTUAL else ""


def basic(action: str, vr: str) -> str:
    if action == "U" or (action == "D" and vr == "UI"):
        return "mapped"
    if action in {"Z", "Z/D"}:
        return "empty"
    return "dummy" if action == "D" and vr in DUMMIES else "gone"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["keyword"])
def test_every_row_of_the_table_is_obeyed_under_every_option(row: dict[str, str]) -> None:
    tag = int(row["tag"].replace("x", "0"), 16)
    if row["keyword"] in OWN_RULE:
        assert_own_rule(row["keyword"], tag)
        return
    spoken_of = [policy for option, policy in ALONE.items() if row[option]]
    for policy in (NOTHING, DEFAULT, EVERYTHING, *spoken_of):
        vr = value_representation(tag)
        if tag >> 16 < 0x0008:
            assert treatment(tag, policy) in {Treatment.UID, Treatment.KEPT_UID, Treatment.REMOVE}
            continue
        element, mark = marked(tag)
        if row["keyword"] in {"SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"}:
            element = written_text(tag, "UI", mark.decode())
        clean_image = cleaned(film_with(element), policy)
        outcome = expected(row, vr, policy)
        assert (mark in clean_image.contents) == (outcome == "kept"), (row["keyword"], policy)
        assert_outcome(dcmread(BytesIO(clean_image.contents)), tag, vr, outcome)


def assert_outcome(data_set: Dataset, tag: int, vr: str, outcome: str) -> None:
    match outcome:
        case "mapped":
            assert data_set[tag].value.startswith("2.25.")
        case "empty" | "coded":
            assert not data_set[tag].value
        case "dummy":
            assert str(data_set[tag].value) == DUMMIES[vr]
        case "items":
            assert "PatientName" not in data_set[tag].value[0] or not data_set[tag].value[0].PatientName
        case "moved":
            assert data_set[tag].value[:4] in {"1996", "1997", "1998", "1999"}
            assert not data_set[tag].value.startswith("19991231")
        case "cleaned":
            assert str(data_set[tag].value) == "CHEST"
        case "kept":
            assert data_set[tag].value
        case _:
            assert tag not in data_set


def assert_own_rule(keyword: str, tag: int) -> None:
    element, mark = marked(tag)
    data_set = dcmread(BytesIO(cleaned(film_with(element), NOTHING).contents))
    match keyword:
        case "PatientID":
            assert data_set.PatientID.startswith("P-")
        case "PatientAge":
            assert "PatientAge" not in data_set
            assert treatment(tag, DEFAULT) is Treatment.AGE
        case _:
            assert mark not in bytes(data_set[tag].value[0].to_json(), "utf-8")


def test_the_pinned_table_is_whole_with_its_option_columns() -> None:
    assert len(TABLE) == len({row["tag"] for row in TABLE}) == 655
    assert {row["basic"] for row in TABLE} == {"D", "U", "X", "X/D", "X/Z", "X/Z/D", "X/Z/U*", "Z", "Z/D"}
    by_tag = {row["tag"]: {option: row[option] for option in OPTIONS if row[option]} for row in TABLE}
    for tags, said in LATE_ROWS.items():
        assert [by_tag[tag] for tag in tags.split()] == [said] * len(tags.split()), tags
    assert {row[option] for row in TABLE for option in OPTIONS} == {"", "K", "C"}


@pytest.mark.parametrize("keyword", sorted(CODED))
def test_a_coded_characteristic_keeps_a_word_of_the_standard(keyword: str) -> None:
    tag = next(int(row["tag"], 16) for row in TABLE if row["keyword"] == keyword)
    image = dcmread(BytesIO(cleaned(film_with(written_text(tag, "CS", CODED[keyword]))).contents))
    assert image[tag].value == CODED[keyword]


def test_an_attribute_no_table_names_is_removed() -> None:
    assert treatment(0x00080070) is Treatment.REMOVE  # Manufacturer
    assert treatment(0x00204000) is Treatment.REMOVE  # Image Comments
    assert treatment(0x00280301) is Treatment.REMOVE  # Burned In Annotation: a claim nobody has proven


@pytest.mark.parametrize("policy", [DEFAULT, EVERYTHING])
@pytest.mark.parametrize("tag", [0x00090010, 0x00111001, 0x0029A0FF, 0x7FE10010, 0x60013000])
def test_every_private_attribute_is_removed(tag: int, policy: Policy) -> None:
    assert treatment(tag, policy) is Treatment.REMOVE


@pytest.mark.parametrize("policy", [DEFAULT, EVERYTHING])
@pytest.mark.parametrize("tag", [0x60000010, 0x60003000, 0x601E3000, 0x60024000, 0x50003000, 0x50FE0010])
def test_overlays_and_curves_of_every_group_are_removed(tag: int, policy: Policy) -> None:
    assert treatment(tag, policy) is Treatment.REMOVE


def test_every_kept_tag_carries_its_own_keyword_and_every_kept_word_has_a_vocabulary() -> None:
    for row in rows("kept.csv"):
        assert value_representation(int(row["tag"], 16)), row
        assert not row["option"] or hasattr(DEFAULT, row["option"]), row
        if row["treatment"] == Treatment.TERM:
            assert not is_term(int(row["tag"], 16), "HONG GILDONG")
