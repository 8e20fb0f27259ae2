"""A site's policy: said in words in both languages, coded as the standard codes it, written into every file."""

from __future__ import annotations

from dataclasses import fields, replace
from io import BytesIO

import pytest
from fakes.instances import dataset, dicom_file
from pydicom import Dataset, dcmread
from pydicom._private_dict import private_dictionaries

from node.deidentify.clean import clean
from node.deidentify.policy import DEFAULT, EDITION, Dates, Policy, in_words, method_codes
from node.deidentify.profile import rows
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage, CleaningStep
from node.ground.config import SettingsInvalid, new_config
from node.ground.image_config import Deidentify
from node.ground.texts import Language
from node.wiring.deidentify_policy import policy_of

KEY = bytes(range(32))
EVERYTHING = Policy(Dates.FULL, **{field.name: True for field in fields(Policy) if field.name != "dates"})


def cleaned(image: Dataset, policy: Policy) -> CleanImage:
    raw = dicom_file(image)
    verdict = clean(raw, replacement(summarise(raw), KEY, policy))
    assert isinstance(verdict, CleanImage)
    return verdict


def read(image: Dataset, policy: Policy) -> Dataset:
    return dcmread(BytesIO(cleaned(image, policy).contents))


@pytest.mark.parametrize(
    ("policy", "codes"),
    [
        (DEFAULT, ["113100", "113107", "113108"]),
        (Policy(dates=Dates.REMOVED, patient=False), ["113100"]),
        (replace(DEFAULT, dates=Dates.FULL), ["113100", "113106", "113108"]),
        (replace(DEFAULT, structured=True), ["113100", "113104", "113107", "113108"]),
        (replace(DEFAULT, descriptors=True), ["113100", "113105", "113107", "113108"]),
        (replace(DEFAULT, device=True), ["113100", "113107", "113108", "113109"]),
        (replace(DEFAULT, uids=True), ["113100", "113107", "113108", "113110"]),
        (replace(DEFAULT, safe_private=True), ["113100", "113107", "113108", "113111"]),
        (replace(DEFAULT, institution=True), ["113100", "113107", "113108", "113112"]),
    ],
)
def test_a_clean_file_names_the_code_of_every_option_chosen(policy: Policy, codes: list[str]) -> None:
    image = read(dataset(), policy)
    assert [item.CodeValue for item in image.DeidentificationMethodCodeSequence] == codes
    assert all(item.CodingSchemeDesignator == "DCM" for item in image.DeidentificationMethodCodeSequence)
    assert EDITION in image.DeidentificationMethod
    assert [code for code, _ in method_codes(policy)] == codes


@pytest.mark.parametrize(
    ("dates", "said"), [(Dates.REMOVED, "REMOVED"), (Dates.MODIFIED, "MODIFIED"), (Dates.FULL, "UNMODIFIED")]
)
def test_a_clean_file_says_what_became_of_its_dates(dates: Dates, said: str) -> None:
    image = read(dataset(), replace(DEFAULT, dates=dates))
    assert image.LongitudinalTemporalInformationModified == said
    assert (image.StudyDate == "20250314") == (dates is Dates.FULL)
    assert bool(image.StudyDate) == (dates is not Dates.REMOVED)


@pytest.mark.parametrize("language", list(Language))
def test_every_choice_has_a_sentence_of_its_own(language: Language) -> None:
    for policy in (DEFAULT, EVERYTHING, Policy(dates=Dates.REMOVED, patient=False)):
        said = in_words(policy, language)
        assert len(said) == len(set(said)) == len(fields(Policy)) + 2
    assert not set(in_words(DEFAULT, language)[1:]) & set(in_words(EVERYTHING, language)[1:]) - {
        in_words(DEFAULT, language)[3]  # the patient's characteristics stay in both
    }


def test_the_configuration_of_a_new_node_is_the_default_policy() -> None:
    assert policy_of(Deidentify()) == DEFAULT
    chosen = Deidentify(
        dates="full",
        keep_times=True,
        keep_device_identity=True,
        keep_institution_identity=True,
        keep_uids=True,
        keep_safe_private=True,
        clean_descriptors=True,
        clean_structured_content=True,
    )
    assert policy_of(chosen) == EVERYTHING


@pytest.mark.parametrize("wrong", [{"dates": "guessed"}, {"keep_everything": True}, {"clean_graphics": True}])
def test_an_option_that_is_not_offered_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsInvalid):
        new_config({"name": "Example hospital", "deidentify": wrong})


def test_times_of_day_stay_only_where_the_policy_keeps_them() -> None:
    image = dataset()
    image.StudyTime, image.AcquisitionDateTime = "134501.5", "20250314134501+0900"
    gone, kept = read(image, DEFAULT), read(image, replace(DEFAULT, times=True))
    assert (gone.StudyTime, len(gone.AcquisitionDateTime)) == (None, 8) or not gone.StudyTime
    assert kept.StudyTime == "134501.5"
    assert str(kept.AcquisitionDateTime)[8:] == "134501"
    assert not read(image, Policy(dates=Dates.REMOVED, times=True)).StudyTime


def test_retained_uids_stay_and_a_uid_that_is_no_uid_is_still_replaced() -> None:
    image = dataset()
    image.FrameOfReferenceUID = "1.2.3.77"
    kept = read(image, replace(DEFAULT, uids=True))
    assert (kept.SOPInstanceUID, kept.StudyInstanceUID, kept.FrameOfReferenceUID) == (
        "1.2.3.4.1",
        "1.2.3.2",
        "1.2.3.77",
    )
    assert kept.file_meta.MediaStorageSOPInstanceUID == "1.2.3.4.1"
    raw = dicom_file(image).replace(b"1.2.3.77", b"HONG.GIL")
    verdict = clean(raw, replacement(summarise(raw), KEY, replace(DEFAULT, uids=True)))
    assert isinstance(verdict, CleanImage)
    assert b"HONG" not in verdict.contents


def test_a_retained_device_or_institution_keeps_its_name_and_loses_its_patients() -> None:
    image = dataset()
    image.StationName, image.Manufacturer, image.InstitutionName = "CT3 Canary", "ACME Ray", "한빛병원 Canary"
    kept = read(image, replace(DEFAULT, device=True, institution=True))
    assert (kept.StationName, kept.Manufacturer, kept.InstitutionName) == ("CT3", "ACME Ray", "한빛병원")
    gone = read(image, DEFAULT)
    assert not {"StationName", "Manufacturer", "InstitutionName"} & set(gone.dir())


def test_a_safe_private_number_stays_with_its_creator_and_nothing_else_of_its_block() -> None:
    image = dataset()
    block = image.private_block(0x0019, "GEMS_ACQU_01", create=True)
    block.add_new(0x23, "DS", "39.375")
    block.add_new(0x9E, "LO", "Canary")
    image.private_block(0x0019, "UNKNOWN MAKER", create=True).add_new(0x23, "DS", "1234567")
    result = cleaned(image, replace(DEFAULT, safe_private=True))
    kept = dcmread(BytesIO(result.contents))
    assert kept[0x00191023].value == 39.375
    assert kept[0x00190010].value == "GEMS_ACQU_01"
    assert [element.tag for element in kept if element.tag.is_private] == [0x00190010, 0x00191023]
    assert CleaningStep.PRIVATE_REMOVED in result.done
    assert not [element for element in read(image, DEFAULT) if element.tag.is_private]


def test_every_safe_private_number_has_the_representation_its_maker_gave_it() -> None:
    numeric = {"DS", "IS", "SL", "SS", "FL", "FD", "US", "UL"}
    found = rows("safe_private.csv")
    assert len(found) == 15
    for row in found:
        said = private_dictionaries[row["creator"]][f"{row['group']}xx{row['element']}"]
        assert row["vr"] == said[0]
        assert row["vr"] in numeric


@pytest.mark.parametrize(
    ("creator", "group", "element", "vr"),
    [
        ("GEMS_SERS_01", 0x0025, 0x07, "SL"),
        ("GEMS_PARM_01", 0x0043, 0x39, "IS"),
        ("GEMS_PARM_01", 0x0043, 0x6F, "DS"),
        ("SIEMENS MR HEADER", 0x0019, 0x0C, "IS"),
        ("SIEMENS MR HEADER", 0x0019, 0x0E, "FD"),
        ("SIEMENS MR HEADER", 0x0019, 0x27, "FD"),
    ],
)
def test_a_private_number_that_the_pinned_table_does_not_name_is_removed(
    creator: str, group: int, element: int, vr: str
) -> None:
    image = dataset()
    image.private_block(group, creator, create=True).add_new(element, vr, 3)
    kept = dcmread(BytesIO(cleaned(image, replace(DEFAULT, safe_private=True)).contents))
    assert not [element.tag for element in kept if element.tag.is_private]


def test_a_name_in_a_safe_private_numbers_place_does_not_pass() -> None:
    image = dataset()
    image.private_block(0x0019, "GEMS_ACQU_01", create=True).add_new(0x23, "UN", b"Hong Gildong")
    assert b"Gildong" not in cleaned(image, replace(DEFAULT, safe_private=True)).contents


def test_a_description_is_kept_only_by_its_option_and_written_in_utf_8() -> None:
    image = dataset()
    image.SeriesDescription = "흉부 CT 홍길동"
    assert "SeriesDescription" not in read(image, DEFAULT)
    result = cleaned(image, replace(DEFAULT, descriptors=True))
    assert "흉부 CT".encode() in result.contents
    assert CleaningStep.TEXT_CLEANED in result.done


def test_the_characteristics_of_a_patient_go_where_the_policy_says_so() -> None:
    image = read(dataset(), replace(DEFAULT, patient=False))
    assert not image.PatientSex
    assert "PatientAge" not in image
