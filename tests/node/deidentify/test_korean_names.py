"""Names that are made of medical terms leave nothing, whoever says them; the terms themselves stay."""

from __future__ import annotations

import re

import pytest
from fakes.instances import dataset, dicom_file

from node.deidentify.identifiers import without_identifiers
from node.deidentify.kept_text import cleaned_text
from node.deidentify.korean_names import may_be_a_name
from node.deidentify.opening import open_image
from node.deidentify.policy import DEFAULT
from node.deidentify.seeds import gathered
from node.deidentify.vocabulary import is_word

# A lower limb, a delay, contrast, an abnormality, a normal finding, a fixation, guidance, upkeep: all inside names.
OF_TERMS = (
    "하지연 하지은 전지연 우지연 양지연 편지연 조영은 이상은 정상은 고정은 유지은 유도은 안정은 조영이 이상이 정상이"
    " 전이은 임신은 이상만 정상만 이상도 조영도 우유지 양유도 하정상 전고정 유도하 이상기"
).split()
# Terms of a list that somebody may be called: they stay, but beside a title.
LISTED = "이동형 조영제 전이성 우상엽".split()
AROUND = (
    "{}",
    "{}님",
    "{} 님",
    "{}씨",
    "{} 교수",
    "{} 교수님",
    "{} 선생님께",
    "{}은",
    "{}의",
    "{}이",
    "{}에게서",
    "{}환자",
    "{} 환자",
    "환자{}",
)


def left_of(text: str, seeds: tuple[str, ...] = ()) -> str:
    return "".join(re.findall(r"\w+", cleaned_text(text, seeds)))


@pytest.mark.parametrize("name", OF_TERMS)
def test_a_person_of_no_header_leaves_nothing(name: str) -> None:
    assert not is_word(name)
    for around in AROUND:
        left = left_of(f"흉부 촬영 {around.format(name)} 추적검사")
        assert left in {"흉부촬영추적검사", "흉부촬영환자추적검사"}, around


@pytest.mark.parametrize("name", [*OF_TERMS, *LISTED])
def test_a_person_of_the_header_leaves_nothing(name: str) -> None:
    for written in (name, f"{name[0]}^{name[1:]}", f"Kim^Nobody=金^某={name[0]}^{name[1:]}"):
        image = dataset()
        image.SpecificCharacterSet, image.PatientName = "ISO_IR 192", written
        seeds = gathered(open_image(dicom_file(image)).elements, DEFAULT)
        for around in (*AROUND, "보호자{}", "{}소견", f"{name[0]} {name[1:]}"):
            left = left_of(f"흉부 촬영 {around.format(name)} 추적검사", seeds)
            for term in ("흉부", "촬영", "추적검사", "환자", "보호자", "소견"):
                left = left.replace(term, "")
            assert not left, around


@pytest.mark.parametrize("family", "김 이 박 하 유 조 최".split())
@pytest.mark.parametrize("given", "지연 유지 정상 이상 조영".split())
def test_a_family_name_that_stands_apart_takes_its_given_name_along(family: str, given: str) -> None:
    assert left_of(f"흉부 {family} {given} 추적검사") == "흉부추적검사"


@pytest.mark.parametrize("name", LISTED)
def test_a_term_that_is_a_name_as_well_goes_beside_a_title(name: str) -> None:
    assert left_of(f"흉부 {name} 촬영") == f"흉부{name}촬영"
    assert left_of(f"흉부 {name} 교수님 촬영") == "흉부촬영"
    assert left_of(f"흉부 {name}님 촬영") == "흉부촬영"
    assert left_of(f"흉부 판독의 {name} 촬영") == "흉부촬영"


STAYING = (
    "하지연골 손상|하지 지연기 영상|양하지 정면|우상엽의 결절|전후방 촬영|이상소견 없음|정상 환자|이식 환자"
    "|폐결절이 의심됨"
    "|병변은 유지|복부골반 조영증강|소량의 흉수|하대정맥 혈전|우측 하지 골절|수술 전 이상|검사를 시행했습니다"
    "|진단되었습니다|좌 상완 통증|크기가 감소|변화가 없음|늑골골절 의심|응급 환자|외래 진료"
).split("|")


@pytest.mark.parametrize("text", STAYING)
def test_terms_stay(text: str) -> None:
    assert cleaned_text(text, ()) == text


def test_words_before_a_title_that_are_no_name_stay_without_it() -> None:
    assert cleaned_text("외래 교수", ()) == "외래"
    assert cleaned_text("이 환자", ()) == "환자"


def test_what_has_the_shape_of_a_name() -> None:
    for name in ("하지연", "남궁지연", "황보민", "이상", "김솔"):
        assert may_be_a_name(name), name
    for term in ("늑골골", "하", "흉부촬", "하지연골", "크기가", "하지가", "남궁지연은", "abc", ""):
        assert not may_be_a_name(term), term


def test_a_title_takes_two_syllables_only_where_it_is_somebodys() -> None:
    assert "이상" in without_identifiers("이상 환자")
    assert "이상" not in without_identifiers("이상 선생님")
