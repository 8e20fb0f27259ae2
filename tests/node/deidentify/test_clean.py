"""What a clean image keeps, moves and loses."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from datetime import date
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from fakes.instances import dataset, dicom_file
from pydicom import Dataset, Sequence, dcmread
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from deploy.demo.phantoms.folder import write_phantoms
from node.deidentify.clean import clean
from node.deidentify.errors import ReplacementIncomplete
from node.deidentify.pseudonyms import new_uid, replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage, CleaningStep, Replacement
from node.deidentify.writing import IMPLEMENTATION_CLASS_UID

KEY, OTHER_KEY = bytes(range(32)), bytes(range(32, 64))
FILMS = Path(__file__).parents[4] / "shared" / "data" / "cxr-sites"
EVERY_NTH_FILM = 12


def cleaned(raw: bytes, key: bytes = KEY) -> CleanImage:
    verdict = clean(raw, replacement(summarise(raw), key))
    assert isinstance(verdict, CleanImage)
    return verdict


def read(image: CleanImage) -> Dataset:
    return dcmread(BytesIO(image.contents))


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real films where they are, drawn ones otherwise."""
    if FILMS.is_dir() and not os.environ.get("INTRAMUROS_SHORT"):
        return FILMS
    directory = tmp_path_factory.mktemp("phantoms")
    write_phantoms(directory, 3)
    return directory


def planted_values(images: Path) -> dict[str, list[str]]:
    planted: dict[str, list[str]] = defaultdict(list)
    with (images / "phi.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            planted[row["file"]].append(row["value"])
    odd = {file: values for file, values in planted.items() if not file.startswith("site-")}
    return odd | dict(list(planted.items())[::EVERY_NTH_FILM])


def encodings_of(value: str) -> set[bytes]:
    found = set()
    for encoding in ("utf-8", "cp949", "iso2022_kr", "utf-16-le", "utf-16-be", "latin-1"):
        try:
            found.add(value.encode(encoding))
        except UnicodeEncodeError:
            continue
    return found


def left_in(contents: bytes, values: list[str]) -> set[str]:
    return {value for value in values if any(written in contents for written in encodings_of(value))}


def test_no_planted_value_is_left_in_any_encoding(images: Path) -> None:
    checked = 0
    for file, values in planted_values(images).items():
        raw = (images / file).read_bytes()
        verdicts = [clean(raw, replacement(summarise(raw), key)) for key in (KEY, OTHER_KEY)]
        remains = [left_in(one.contents, values) for one in verdicts if isinstance(one, CleanImage)]
        # A shifted day may fall on a child's birthday by chance under one key, never under both.
        assert not remains or not remains[0] & remains[1], file
        checked += bool(remains)
    assert checked >= 15


def test_the_planted_values_are_in_the_originals(images: Path) -> None:
    file, values = next(iter(planted_values(images).items()))
    assert left_in((images / file).read_bytes(), values)


def test_pixel_data_is_passed_on_byte_for_byte(images: Path) -> None:
    for file in list(planted_values(images))[::3]:
        raw = (images / file).read_bytes()
        verdict = clean(raw, replacement(summarise(raw), KEY))
        if isinstance(verdict, CleanImage):
            assert read(verdict).PixelData == dcmread(BytesIO(raw)).PixelData


def test_the_clean_file_says_what_was_done_to_it() -> None:
    image = read(cleaned(dicom_file()))
    assert image.PatientIdentityRemoved == "YES"
    assert image.LongitudinalTemporalInformationModified == "MODIFIED"
    assert [item.CodeValue for item in image.DeidentificationMethodCodeSequence] == ["113100", "113107", "113108"]
    assert "2026c" in image.DeidentificationMethod
    assert "table E.1-1" in image.DeidentificationMethod
    assert image.SpecificCharacterSet == "ISO_IR 192"


def test_preamble_and_file_meta_information_are_new() -> None:
    raw = b"MZ" + dicom_file()[2:]
    contents = cleaned(raw).contents
    assert contents[:128] == bytes(128)
    meta = read(cleaned(raw)).file_meta
    assert meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert meta.MediaStorageSOPInstanceUID == new_uid(KEY, "1.2.3.4.1")


def test_uids_are_stable_between_two_cleanings_and_differ_between_keys() -> None:
    raw = dicom_file()
    assert cleaned(raw).contents == cleaned(raw).contents
    assert read(cleaned(raw)).StudyInstanceUID != read(cleaned(raw, OTHER_KEY)).StudyInstanceUID


def test_two_images_of_one_study_stay_in_one_study() -> None:
    first, second = (read(cleaned(dicom_file(dataset(uid)))) for uid in ("1.2.3.4.1", "1.2.3.4.2"))
    assert first.StudyInstanceUID == second.StudyInstanceUID
    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert first.PatientID == second.PatientID


def test_the_days_between_two_exams_of_a_patient_are_kept() -> None:
    def day_of(study_date: str) -> date:
        image = dataset()
        image.StudyDate = study_date
        return day_in(read(cleaned(dicom_file(image))).StudyDate)

    assert (day_of("20250314") - day_of("20241231")).days == 73
    assert day_of("20250314") < date(2025, 3, 14)


def day_in(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def test_a_time_of_day_is_not_kept() -> None:
    image = dataset()
    image.StudyTime, image.AcquisitionDateTime = "134501", "20250314134501.123+0900"
    result = read(cleaned(dicom_file(image)))
    assert not result.StudyTime
    assert len(result.AcquisitionDateTime) == 8


@pytest.mark.parametrize("written", ["2025.03.14", "20250314"])
def test_old_and_new_forms_of_a_date_move_alike(written: str) -> None:
    image = open_text(dicom_file(), b"20250314", written.encode())
    assert read(cleaned(image)).StudyDate == read(cleaned(dicom_file())).StudyDate


def open_text(raw: bytes, old: bytes, new: bytes) -> bytes:
    """The file with a short text element's value in another length."""
    start = raw.index(old)
    return raw[: start - 2] + len(new).to_bytes(2, "little") + new + raw[start + len(old) :]


def test_a_name_in_a_dates_place_does_not_pass() -> None:
    image = read(cleaned(open_text(dicom_file(), b"20250314", b"Gildong ")))
    assert image.StudyDate == ""


def test_a_name_in_a_coded_words_place_does_not_pass() -> None:
    image = dataset()
    image.BodyPartExamined, image.PatientSex = "HONG GILDONG", "F"
    result = cleaned(dicom_file(image))
    assert read(result).BodyPartExamined == ""
    assert read(result).PatientSex == "F"
    assert CleaningStep.WORDS_REFUSED in result.done


def test_a_name_in_a_numbers_place_does_not_pass() -> None:
    image = read(cleaned(open_text(dicom_file(with_exposure()), b"120 ", b"Hong")))
    assert image.KVP is None


def with_exposure() -> Dataset:
    image = dataset()
    image.KVP = "120"
    return image


@pytest.mark.parametrize(
    ("age", "born", "said"),
    [("044Y", "19801224", "044Y"), ("090Y", "", "090Y"), ("101Y", "", "090Y"), ("", "19330101", "090Y")],
)
def test_an_age_of_ninety_or_more_is_not_told(age: str, born: str, said: str) -> None:
    image = dataset()
    image.PatientAge, image.PatientBirthDate = age, born
    assert read(cleaned(dicom_file(image))).PatientAge == said


def test_an_age_is_worked_out_before_the_birth_date_goes() -> None:
    image = dataset()
    del image.PatientAge
    result = cleaned(dicom_file(image))
    assert read(result).PatientAge == "044Y"
    assert not read(result).PatientBirthDate
    assert CleaningStep.AGE_DERIVED in result.done


def test_sequences_are_cleaned_at_every_depth() -> None:
    inner, middle = Dataset(), Dataset()
    inner.ReferencedSOPClassUID, inner.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1", "1.2.3.99"
    inner.PatientName, inner.StudyDate = "Deep^Canary", "20250301"
    middle.ReferencedImageSequence = Sequence([inner])
    middle.ImageComments = "Deep Canary"
    image = dataset()
    image.SourceImageSequence = Sequence([middle])
    result = cleaned(dicom_file(image))
    deepest = read(result).SourceImageSequence[0].ReferencedImageSequence[0]
    assert deepest.ReferencedSOPInstanceUID == new_uid(KEY, "1.2.3.99")
    assert deepest.ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.1"
    assert (day_in(read(result).StudyDate) - day_in(deepest.StudyDate)).days == 13
    assert b"Canary" not in result.contents


def test_an_unregistered_class_uid_inside_a_reference_is_not_kept() -> None:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = "1.2.3.8001011234567", "1.2.3.99"
    image = dataset()
    image.SourceImageSequence = Sequence([item])
    assert b"8001011234567" not in cleaned(dicom_file(image)).contents


def test_private_elements_and_overlays_go_and_the_verdict_says_so() -> None:
    image = dataset()
    image.private_block(0x0011, "MAKER", create=True).add_new(1, "LO", "Canary")
    image.add_new(0x60000010, "US", 16)
    image.add_new(0x60000100, "US", 1)
    image.add_new(0x60003000, "OW", bytes(32))
    result = cleaned(dicom_file(image))
    assert {CleaningStep.PRIVATE_REMOVED, CleaningStep.OVERLAY_REMOVED} <= set(result.done)
    assert not [element for element in read(result) if element.tag.is_private or element.tag.group == 0x6000]


def test_an_implicit_file_becomes_explicit_with_the_same_pixels() -> None:
    image = dataset()
    image.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    image.PixelPaddingValue = 3
    result = read(cleaned(dicom_file(image)))
    assert result.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert result.PixelData == image.PixelData
    assert result.PixelPaddingValue == 3


def test_a_deflated_file_is_written_inflated() -> None:
    image = dataset()
    image.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    result = read(cleaned(dicom_file(image)))
    assert result.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert result.PixelData == image.PixelData


def test_compressed_pixels_stay_compressed() -> None:
    image = dataset()
    image.PixelData = np.arange(256, dtype=np.uint8).tobytes()
    image.compress(RLELossless, generate_instance_uid=False)
    result = read(cleaned(dicom_file(image)))
    assert result.file_meta.TransferSyntaxUID == RLELossless
    assert result.PixelData == image.PixelData


def test_a_replacement_made_for_another_image_is_refused() -> None:
    raw = dicom_file()
    fits = replacement(summarise(raw), KEY)
    with pytest.raises(ReplacementIncomplete):
        clean(raw, Replacement(fits.patient_pseudonym, {}, fits.date_shift_days, fits.method))


@pytest.mark.parametrize("broken", ["pseudonym", "uid", "shift", "method"])
def test_a_replacement_that_could_carry_an_identity_is_refused(broken: str) -> None:
    fits = replacement(summarise(dicom_file()), KEY)
    with pytest.raises(ReplacementIncomplete):
        clean(
            dicom_file(),
            Replacement(
                "Hong Gildong" if broken == "pseudonym" else fits.patient_pseudonym,
                {uid: uid if broken == "uid" else new for uid, new in fits.uid_map.items()},
                0 if broken == "shift" else fits.date_shift_days,
                "홍길동" if broken == "method" else fits.method,
            ),
        )


def test_an_image_without_a_patient_id_is_clean_and_has_a_pseudonym() -> None:
    image = dataset(patient_id="")
    assert read(cleaned(dicom_file(image))).PatientID.startswith("P-")
    del image.PatientID
    assert read(cleaned(dicom_file(image))).PatientID.startswith("P-")
