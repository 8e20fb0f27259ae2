"""The fast way through a header gives what the plain way gives, byte for byte, over files of all kinds.

The files are pydicom's own test data: every object class and character set among them, also such as are never cleaned
whole.
"""

from __future__ import annotations

from pathlib import Path

import pydicom.data
import pytest
from fakes.instances import dataset, dicom_file
from fakes.plain_cleaning import PlainCleaning

from node.deidentify import dataset as data_sets
from node.deidentify.clean import clean
from node.deidentify.dataset import Cleaning
from node.deidentify.errors import UnreadableImage
from node.deidentify.opening import open_image
from node.deidentify.policy import DEFAULT, Dates, Policy
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage
from node.deidentify.writing import encode_elements

KEY = bytes(range(32))
FILES = sorted(Path(pydicom.data.__file__).parent.rglob("*.dcm"))
POLICIES = {
    "default": DEFAULT,
    "everything": Policy(
        times=True, device=True, institution=True, safe_private=True, descriptors=True, structured=True
    ),
    "identities": Policy(dates=Dates.FULL, uids=True, patient=False, descriptors=True),
}


def cleaned(raw: bytes, policy: Policy, kind: type[Cleaning] | type[PlainCleaning] = Cleaning) -> tuple[bytes, str]:
    """The cleaned elements as they are written, and the steps taken; nothing and the reason where none can be read."""
    try:
        image = open_image(raw)
        cleaning = kind(image, replacement(summarise(raw), KEY, policy))
    except UnreadableImage as unreadable:
        return b"", unreadable.reason.value
    elements = cleaning.data_set(image.elements) + cleaning.patient_age()
    return encode_elements(elements, little_endian=image.little_endian), " ".join(sorted(cleaning.done))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", POLICIES)
def test_every_real_header_is_cleaned_as_the_plain_way_cleans_it(name: str) -> None:
    raws = [file.read_bytes() for file in FILES]
    assert len(raws) > 90
    fast = [cleaned(raw, POLICIES[name]) for raw in raws]
    assert fast == [cleaned(raw, POLICIES[name], PlainCleaning) for raw in raws]
    assert sum(len(written) > 100 for written, _ in fast) > 80


@pytest.mark.filterwarnings("ignore")
def test_what_one_image_taught_changes_nothing_in_another() -> None:
    policy = POLICIES["everything"]
    others = [file.read_bytes() for file in FILES[::7]]
    for raw in others:
        cleaned(raw, policy)
    after_others = [cleaned(raw, policy) for raw in others]
    alone = []
    for raw in others:
        data_sets.forget()
        alone.append(cleaned(raw, policy))
    assert after_others == alone


def test_a_word_that_is_one_patients_name_stays_in_another_patients_text() -> None:
    policy = Policy(descriptors=True)
    named, unnamed = dataset(), dataset("1.2.3.4.9", patient_id="P-78")
    named.PatientName, unnamed.PatientName = "Chest^Ann", "Vance^Ann"
    named.SeriesDescription = unnamed.SeriesDescription = "chest lateral"
    for image, words in ((named, b"lateral"), (unnamed, b"chest lateral"), (named, b"lateral")):
        raw = dicom_file(image)
        verdict = clean(raw, replacement(summarise(raw), KEY, policy))
        assert isinstance(verdict, CleanImage)
        assert words in verdict.contents
        assert (b"chest" in verdict.contents) == (image is unnamed)
