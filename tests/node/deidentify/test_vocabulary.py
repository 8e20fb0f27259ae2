"""What is taken for a word of imaging, by its list or by its build, and what is taken for a name."""

from __future__ import annotations

import pytest

from node.deidentify.kept_text import cleaned_text
from node.deidentify.profile import rows
from node.deidentify.vocabulary import is_word

# Frequent family and given names of English; some are words of the standard all the same (White, Gray, Long, Stone).
LATIN_NAMES = (
    "Smith Johnson Williams Jones Garcia Miller Davis Martinez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee"
    " Thompson Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Nguyen Hill Adams Nelson Baker Hall"
    " Campbell Mitchell Carter Roberts Phillips Evans Turner Parker Collins Edwards Stewart Morris Murphy Cook Rogers"
    " Reed Bailey Bell Kelly Howard Cox Richardson Brooks Price Bennett James Ross Foster Jenkins Perry Powell"
    " Clement Constable Harding Fleming Harkness Magness Ahmed Reeves Connally Aldous Felicity Victoria Charity Rose"
    " Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Karen Sarah Michael Robert David Richard Joseph"
).split()
FAMILIES = (
    "김이박최정강조윤장임한오서신권황안송류홍전고문양손배백허노우구남심원천방"
    "공현함변염여추도소석선설마길연위표명기반왕금옥육인"
)
GIVEN = (
    "민준 서연 도윤 하은 지호 수빈 예준 지민 길동 은영 철수 현우 미경 태희 영숙 준호 소라 다인 건우"
    " 보람 민서 서준 시우 주원 지우 서현 예은 유진 채원 수아 은지 지훈 현정 경희 정숙 순자 영자 성호"
    " 재현 동현 승민 지영 혜진 미숙 상철 영수 병철 진우 광수 종수 은주 선영 유미 정아 수정 지원 현주"
    " 은정 성민 정훈 대현 상훈 재호 인수 기철 동수 유리 나라 보라 아름 슬기 하늘"
).split()


@pytest.mark.parametrize("name", LATIN_NAMES)
def test_a_name_is_no_word(name: str) -> None:
    assert not is_word(name)
    assert not is_word(name.upper())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_korean_name_of_three_syllables_is_no_compound(family: str) -> None:
    assert not [family + given for given in GIVEN if is_word(family + given)]


@pytest.mark.parametrize(
    "word",
    "cholangiopancreatography osteomyelitis hemicolectomy tenosynovitis revascularization acromegaly Sm pendetide"
    " 종골 슬개골염 무조영 위내시경 복부골반 병변은 우상엽의".split(),
)
def test_a_word_is_known_by_its_list_or_by_its_build(word: str) -> None:
    assert is_word(word)


def test_a_modality_is_no_title() -> None:
    assert cleaned_text("MR Shoulder left", ()) == "MR Shoulder left"
    assert cleaned_text("Mr Shoulder left", ()) == "left"
    assert cleaned_text("mr. White chest", ()) == "chest"


def test_words_that_people_are_called_are_no_words_whoever_lists_them() -> None:
    names = [word for row in rows("vocabulary.csv") if row["language"] == "names" for word in row["words"].split()]
    assert len(names) > 10
    assert not [name for name in names if is_word(name)]
