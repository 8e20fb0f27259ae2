"""Invented patients: names in Latin and Korean writing, numbers, addresses, telephones. None belongs to anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import numpy as np

_LATIN_FAMILY: Final = (
    "Amberlock", "Birchall", "Cloverdean", "Drumlin", "Elderfen", "Foxmere", "Gorsewell", "Hazelby", "Inkerstone",
    "Juniperus", "Kelpwood", "Larkholm", "Mossgrave", "Nettlebed", "Osierford", "Pinemarsh", "Quarrydale", "Rushlake",
)  # fmt: skip
_LATIN_GIVEN: Final = ("Arden", "Briony", "Cassian", "Delphine", "Emrys", "Fenna", "Gideon", "Hester", "Isolde", "Jory")
_KOREAN_FAMILY: Final = (
    ("Kim", "金", "김"), ("Lee", "李", "이"), ("Park", "朴", "박"), ("Choi", "崔", "최"), ("Jung", "鄭", "정"),
    ("Kang", "姜", "강"), ("Yoon", "尹", "윤"), ("Lim", "林", "임"), ("Han", "韓", "한"), ("Shin", "申", "신"),
)  # fmt: skip
_KOREAN_GIVEN: Final = (
    ("Garam", "가람"), ("Naru", "나루"), ("Daon", "다온"), ("Raon", "라온"), ("Maru", "마루"), ("Bora", "보라"),
    ("Byeol", "별"), ("Areum", "아름"), ("Jandi", "잔디"), ("Chorong", "초롱"), ("Pureum", "푸름"), ("Haram", "하람"),
)  # fmt: skip
_KOREAN_CITIES: Final = ("없는시 지어낸구", "상상시 꾸민구", "가상시 그린구")
_LATIN_STREETS: Final = ("Unbuilt Row", "Paper Lane", "Drafting Close", "Sketch Avenue")


class Writing(StrEnum):
    """How a site writes its patients' names."""

    LATIN = "latin"
    KOREAN = "korean"


@dataclass(frozen=True, slots=True)
class Person:
    """One invented patient. `name` is a DICOM person name with all its groups, `called` the way a note says it."""

    name: str
    called: str
    patient_id: str
    born: date
    sex: str
    address: str
    telephone: str
    national_number: str


def invent_person(rng: np.random.Generator, writing: Writing, *, prefix: str, number: int) -> Person:
    """A patient nobody has ever been; `number` keeps two of one site apart."""
    born = date(1931, 1, 1) + timedelta(days=int(rng.integers(0, 365 * 75)))
    name, called = invent_name(rng, writing)
    tail = f"{int(rng.integers(0, 10**4)):04d}"
    return Person(
        name=name,
        called=called,
        patient_id=f"{prefix}{number:03d}{int(rng.integers(0, 10**5)):05d}",
        born=born,
        sex="MF"[int(rng.integers(0, 2))],
        address=_address(rng, writing),
        telephone=f"+00 555 {int(rng.integers(100, 1000))} {tail}",
        national_number=f"{born:%y%m%d}-{int(rng.integers(1, 5))}{int(rng.integers(0, 10**6)):06d}",
    )


def invent_name(rng: np.random.Generator, writing: Writing) -> tuple[str, str]:
    """A DICOM person name and the same name as running text."""
    if writing is Writing.LATIN:
        family = _LATIN_FAMILY[int(rng.integers(0, len(_LATIN_FAMILY)))]
        given = _LATIN_GIVEN[int(rng.integers(0, len(_LATIN_GIVEN)))]
        return f"{family}^{given}", f"{given} {family}"
    latin, hanja, hangul = _KOREAN_FAMILY[int(rng.integers(0, len(_KOREAN_FAMILY)))]
    given, given_hangul = _KOREAN_GIVEN[int(rng.integers(0, len(_KOREAN_GIVEN)))]
    return f"{latin}^{given}={hanja}^{given_hangul}={hangul}^{given_hangul}", f"{hangul}{given_hangul}"


def _address(rng: np.random.Generator, writing: Writing) -> str:
    number = int(rng.integers(1, 400))
    if writing is Writing.KOREAN:
        return f"{_KOREAN_CITIES[int(rng.integers(0, len(_KOREAN_CITIES)))]} {number}번지"
    return f"{number} {_LATIN_STREETS[int(rng.integers(0, len(_LATIN_STREETS)))]}, Nowhere Harbour"
