"""Invented people to plant, Korean and Latin; every list here is the generator's own and none of the product's."""

from __future__ import annotations

import random
from dataclasses import dataclass

LATIN_FAMILIES = (
    "Ashdown Birchwood Stone Calloway Dunmore Ellery Fairbanks Green Hollis Ingram Juniper Kessler Loxley Marsh Norwood"
    " Okafor Pemberton Quill Rose Sanderling Thackeray Ueda Vance White Yarrow Zeller O'Hara Brown Page Long"
).split()
LATIN_GIVEN = (
    "Blair Casey Dana Emery Finley Greer Harper Indira Jules Kendall Lane Morgan Noor Oakley Parker Quincy Robin Sage"
    " Tatum Umi Val Wren Xan Yael Zion"
).split()
HANGUL_FAMILIES = "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍 남궁 제갈 봉 선우".split()
HANGUL_GIVEN = (
    "민준 서연 도윤 하은 지호 수빈 예준 지민 길동 은영 철수 현우 미경 태희 영숙 준호 소라 다인 건우 보람".split()
)
ROMAN_FAMILIES = {
    "김": "Kim", "이": "Lee", "박": "Park", "최": "Choi", "정": "Jung", "강": "Kang", "조": "Cho", "윤": "Yoon",
    "장": "Jang", "임": "Lim", "한": "Han", "오": "Oh", "서": "Seo", "신": "Shin", "권": "Kwon", "황": "Hwang",
    "안": "Ahn", "송": "Song", "류": "Ryu", "홍": "Hong", "남궁": "Namgung", "제갈": "Jegal", "봉": "Bong",
    "선우": "Sunwoo",
}  # fmt: skip
ROMAN_GIVEN = {
    "민준": ("Min", "jun"), "서연": ("Seo", "yeon"), "도윤": ("Do", "yun"), "하은": ("Ha", "eun"),
    "지호": ("Ji", "ho"), "수빈": ("Su", "bin"), "예준": ("Ye", "jun"), "지민": ("Ji", "min"),
    "길동": ("Gil", "dong"), "은영": ("Eun", "yeong"), "철수": ("Cheol", "su"), "현우": ("Hyeon", "u"),
    "미경": ("Mi", "gyeong"), "태희": ("Tae", "hui"), "영숙": ("Yeong", "suk"), "준호": ("Jun", "ho"),
    "소라": ("So", "ra"), "다인": ("Da", "in"), "건우": ("Geon", "u"), "보람": ("Bo", "ram"),
}  # fmt: skip
HANJA = "金哲洙 李恩英 朴俊浩 崔美京 鄭賢宇 姜秀彬 趙智旻 尹建宇 張泰熙 洪吉童".split()
CITIES = "서울시 부산시 대구시 수원시 청주시 경기도".split()
DISTRICTS = "강남구 해운대구 수성구 팔달구 상당구 분당구".split()
ROADS = "테헤란로 센텀중앙로 달구벌대로 효원로 상당로 판교역로".split()
HOSPITALS = (
    "한빛대학교병원", "Saebom General Hospital", "늘푸른의료원", "Haneul Medical Center", "가온병원", "Miru Clinic",
)  # fmt: skip
STREETS = "Harbour Mill Road|Kestrel Avenue|Old Quay Street|Larkspur Lane|Tanner Close|Bellweather Drive".split("|")
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Invented:
    """One person and the numbers that go with them."""

    latin_family: str
    latin_given: str
    hangul_family: str
    hangul_given: str
    hanja: str
    year: int
    month: int
    day: int
    female: bool

    @property
    def hangul(self) -> str:
        return self.hangul_family + self.hangul_given

    @property
    def born(self) -> str:
        return f"{self.year:04d}{self.month:02d}{self.day:02d}"

    @property
    def romanised(self) -> tuple[str, str, str]:
        """Family name and the two syllables of the given name in Latin letters."""
        return (ROMAN_FAMILIES[self.hangul_family], *ROMAN_GIVEN[self.hangul_given])


def invent(rng: random.Random) -> Invented:
    """A person of between 20 and 85 years."""
    return Invented(
        latin_family=rng.choice(LATIN_FAMILIES),
        latin_given=rng.choice(LATIN_GIVEN),
        hangul_family=rng.choice(HANGUL_FAMILIES),
        hangul_given=rng.choice(HANGUL_GIVEN),
        hanja=rng.choice(HANJA),
        year=rng.randint(1939, 2004),
        month=rng.randint(1, 12),
        day=rng.randint(1, 28),
        female=rng.random() < 0.5,
    )


def digits(rng: random.Random, count: int) -> str:
    """So many digits, the first not zero."""
    return str(rng.randint(1, 9)) + "".join(str(rng.randint(0, 9)) for _ in range(count - 1))


def resident_number(person: Invented, rng: random.Random, *, checked: bool = True, foreign: bool = False) -> str:
    """A resident registration number; with its check digit where `checked`, surely with another one otherwise."""
    century = (1 if person.year < 2000 else 3) + person.female + (4 if foreign else 0)
    twelve = person.born[2:] + str(century) + "".join(str(rng.randint(0, 9)) for _ in range(5))
    check = (11 - sum(int(one) * weight for one, weight in zip(twelve, _WEIGHTS, strict=True)) % 11) % 10
    last = check if checked else (check + rng.randint(1, 9)) % 10
    return f"{twelve[:6]}-{twelve[6:]}{last}"
