"""What a kept text loses, and what of it stays."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from fakes.instances import dicom_file
from pydicom import Dataset, dcmread

from node.deidentify.charsets import decoded, encodings_of
from node.deidentify.elements import Element
from node.deidentify.kept_text import cleaned_text
from node.deidentify.opening import open_image
from node.deidentify.policy import DEFAULT, Policy
from node.deidentify.seeds import gathered, romanised
from node.deidentify.vocabulary import is_word


def header(**said: object) -> Dataset:
    """A header that says so much and nothing else, in a whole file."""
    from fakes.instances import dataset

    image = dataset()
    image.PatientName, image.PatientID = "", ""
    for keyword, value in said.items():
        setattr(image, keyword, value)
    return image


def kept(text: str, policy: Policy = DEFAULT, **said: object) -> str:
    return cleaned_text(text, gathered(open_image(dicom_file(header(**said))).elements, policy))


@pytest.mark.parametrize(
    "text",
    [
        "CHEST PA AND LATERAL", "T2 AX FLAIR 3mm", "Head W/O 5.0mm axial", "follow up, no change",
        "흉부 단순촬영", "이상 소견 없음", "추적검사에서 변화 없음", "경추 MRI (조영증강)",
    ],
)  # fmt: skip
def test_harmless_words_stay(text: str) -> None:
    assert cleaned_text(text, ()) == text


@pytest.mark.parametrize(
    "telling",
    [
        "670918-1234567", "6709181234567", "670918 - 5234567", "670918-1******", "６７０９１８-1234567",
        "010-1234-5678", "01012345678", "02-345-6789", "+82 10 1234 5678", "1588-1234",
        "11-12-345678-90", "M12345678", "M123A4567", "X1234567", "MRN 12345", "등록번호 12345", "면허 제12345호",
        "2024-03-14", "2024. 3. 14.", "2024년 3월 14일", "14 March 2024", "Mar 14, 2024", "03/14/2024", "20240314",
        "서울시 강남구 테헤란로 123", "114 Harbour Mill Road", "101동 1203호", "hong@example.org",
        "https://pacs.example.org/7", "1.2.410.200001.123456.7", "95세", "M/97", "101 y/o",
        "Dr. Stone", "Name: Green Page", "주치의: 김철수", "김철수 교수", "홍길동", "洪吉童", "Gildong", "Zzyzx",
    ],
)  # fmt: skip
def test_what_tells_who_is_shown_goes_and_the_rest_stays(telling: str) -> None:
    for text in (f"Chest PA {telling}", f"흉부 촬영 {telling}"):
        left = cleaned_text(text, ())
        assert left in {"Chest PA", "흉부 촬영"}, left


@pytest.mark.parametrize(
    "written",
    [
        "Rose Stone", "STONE ROSE", "Stone, Rose", "Stone^Rose", "RoseStone", "R. Stone", "Stone R", "Stone",
    ],
)  # fmt: skip
def test_a_name_of_known_words_goes_when_the_header_says_it(written: str) -> None:
    assert cleaned_text("left kidney stone", ()) == "left kidney stone"
    assert kept(f"Chest {written} view", PatientName="Stone^Rose") == "Chest view"


@pytest.mark.parametrize(
    "written",
    ["홍길동", "홍 길동", "길동", "Hong Gildong", "Gil-dong Hong", "gil dong hong", "HONG GIL DONG", "洪吉童"],
)
def test_a_korean_name_goes_in_every_group_and_in_latin_letters(written: str) -> None:
    for name in ("Hong^Gildong=洪^吉童=홍^길동", "홍^길동", "홍길동"):
        assert kept(f"흉부 {written} CT", PatientName=name) == "흉부 CT"


def test_names_numbers_places_and_days_of_the_header_go_from_its_texts() -> None:
    said: dict[str, Any] = {
        "ReferringPhysicianName": "White^Page",
        "AccessionNumber": "left7",
        "InstitutionName": "Green Lung Center",
        "PatientBirthDate": "19670918",
    }
    assert kept("White Page, left7, Green Lung Center 670918 chest", **said) == "chest"
    assert kept("Green Lung Center chest", Policy(institution=True), **said) == "Green Lung Center chest"
    home = {"PatientAddress": "Green Lung Valley"}
    assert kept("Green Lung Valley chest", Policy(institution=True), **home) == "chest"


def test_a_syllable_string_is_written_in_latin_letters() -> None:
    assert romanised("길동") == "gil dong"
    assert romanised("은영") == "eun yeong"
    assert romanised("A") == ""


def test_no_common_name_is_a_known_word() -> None:
    for name in "Kim Lee Park Choi Jung Hong Smith Baker John Mary 김철수 이영희 박민수 홍길동 최서연".split():
        assert not is_word(name), name


@pytest.mark.parametrize(
    ("said", "encoding"),
    [
        ("ISO_IR 192", "utf-8"), ("\\ISO 2022 IR 149", "cp949"), ("ISO 2022 IR 149", "cp949"), ("ISO_IR 149", "cp949"),
        ("ISO2022 IR149", "cp949"), ("EUC-KR", "cp949"), ("KS_C_5601-1987", "cp949"), ("CP949", "cp949"),
        ("UTF-8", "utf-8"), ("ISO_IR_192", "utf-8"), ("", "cp949"), ("", "utf-8"), ("ISO_IR 100", "cp949"),
        ("ISO_IR 100", "utf-8"), ("ISO_IR 6", "cp949"), ("NONSENSE", "cp949"),
    ],
)  # fmt: skip
def test_korean_is_read_under_every_spelling_met_in_the_field(said: str, encoding: str) -> None:
    text = "흉부 촬영（정상） 똠"
    found = {0x00080005: Element(0x00080005, "CS", memoryview(said.encode()))}
    assert decoded(text.encode(encoding), encodings_of(found)) == text


def test_escape_sequences_are_followed_and_latin_letters_stay_latin() -> None:
    korean = {0x00080005: Element(0x00080005, "CS", memoryview(b"\\ISO 2022 IR 149"))}
    latin = {0x00080005: Element(0x00080005, "CS", memoryview(b"ISO_IR 100"))}
    assert decoded(b"\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf", encodings_of(korean), frozenset({0x5E})) == "홍^길동"
    assert decoded("Müller".encode("latin-1"), encodings_of(latin)) == "Müller"


def test_a_text_in_another_character_set_than_its_header_leaves_no_letter_behind() -> None:
    from node.deidentify.clean import clean
    from node.deidentify.pseudonyms import replacement
    from node.deidentify.summary import summarise
    from node.deidentify.verdict import CleanImage

    raw = dicom_file(header(SeriesDescription="Chest XXXXXX PA", PatientName="Hong^Gildong"))
    raw = raw.replace(b"XXXXXX", "홍길동".encode("cp949"))
    verdict = clean(raw, replacement(summarise(raw), bytes(32), Policy(descriptors=True)))
    assert isinstance(verdict, CleanImage)
    assert dcmread(BytesIO(verdict.contents)).SeriesDescription == "Chest PA"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Thoracic spine, read by Brown, WO contrast", "Thoracic spine, WO contrast"),
        ("Prof. Vance CT Airway WO contrast", "CT Airway WO contrast"),
        ("Dr. Stone chest", "chest"),
        ("Name: Casey Long chest", "chest"),
        ("631 Kestrel Avenue, WO contrast", "WO contrast"),
        ("139 Old Quay Street CT chest", "CT chest"),
        ("12 Mill Ct, Newtown chest", "chest"),
    ],
)
def test_what_stands_behind_a_name_or_an_address_stays(text: str, left: str) -> None:
    assert re.findall(r"\w+", cleaned_text(text, ())) == re.findall(r"\w+", left)


def test_minutes_stay_where_a_patient_is_called_so() -> None:
    assert kept("Delayed phase 10 min", PatientName="Kim^Min Jun") == "Delayed phase 10 min"
    assert "min" not in kept("phase 10, Min, delayed", PatientName="Kim^Min Jun").lower()


STRANGERS = "김민준 남궁서연 제갈길동 봉준호 탁재훈 빙현우 스미스 응우옌 왕웨이 다나카 분당 해운대 판교 동탄".split()


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_name_or_a_place_that_nothing_announces_leaves_nothing(stranger: str) -> None:
    """What a list of permitted words is for: one of what is forbidden keeps half of these."""
    assert cleaned_text(f"흉부 촬영 {stranger} 추적검사", ()) == "흉부 촬영 추적검사"
    assert cleaned_text(f"{stranger}, 우측 무릎", ()) in {"우측 무릎", ", 우측 무릎"}
