"""What becomes of an element: PS3.15 Table E.1-1 (basic profile, edition 2026c) under a deny-by-default rule.

1. An element of `kept.csv` gets the treatment named there: the attributes a picture needs to be read and measured,
   the dates (option 113107), sex and age (option 113108). Kept text is never free: a word outside `terms.csv` goes.
2. Otherwise the table decides: Z empties, D puts a dummy in its place, U maps the UID, everything with X removes.
3. Everything else is removed: unknown standard attributes, every private one, overlays and curves.

Where the table leaves a choice (X/Z, X/D, X/Z/D) the harder one is taken, Z/D empties. It does not look at values.
"""

from __future__ import annotations

import csv
import re
from enum import StrEnum
from importlib import resources
from typing import Final

from node.deidentify.dictionary import value_representation

EDITION: Final = "2026c"


class Treatment(StrEnum):
    """What is done with an element's value."""

    REMOVE = "remove"
    EMPTY = "empty"
    DUMMY = "dummy"
    UID = "uid"
    REGISTERED = "registered"
    DATE = "date"
    AGE = "age"
    NUMBER = "number"
    TERM = "term"
    SEQUENCE = "sequence"
    PSEUDONYM = "pseudonym"
    PIXELS = "pixels"


DUMMIES: Final = {
    "AE": "REMOVED",
    "AS": "000Y",
    "CS": "REMOVED",
    "DA": "19000101",
    "DT": "19000101",
    "LO": "REMOVED",
    "LT": "REMOVED",
    "PN": "REMOVED",
    "SH": "REMOVED",
    "ST": "REMOVED",
    "TM": "000000",
    "UC": "REMOVED",
    "UR": "urn:removed",
    "UT": "REMOVED",
}


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of this station's tables."""
    text = resources.files("node.deidentify").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def treatment_of_action(action: str, tag: int) -> Treatment:
    """The treatment an action of Table E.1-1 asks for."""
    vr = value_representation(tag)
    match action:
        case "U":
            return Treatment.UID
        case "Z" | "Z/D":
            return Treatment.EMPTY
        case "D" if vr == "UI":
            return Treatment.UID
        case "D" if vr in DUMMIES:
            return Treatment.DUMMY
        case "D" | "X" | "X/Z" | "X/D" | "X/Z/D" | "X/Z/U*":
            return Treatment.REMOVE
        case _:
            raise ValueError(f"unknown action {action}")


def _compiled() -> dict[int, Treatment]:
    table = [(row["tag"], row["action"]) for row in rows("ps3_15_2026c.csv") if "x" not in row["tag"]]
    rules = {int(tag, 16): treatment_of_action(action, int(tag, 16)) for tag, action in table}
    rules.update({int(row["tag"], 16): Treatment(row["treatment"]) for row in rows("kept.csv")})
    return rules


_RULES: Final = _compiled()
_TERMS: Final = {row["keyword"]: re.compile(row["pattern"]) for row in rows("terms.csv")}
_TERM_TAGS: Final = {
    int(row["tag"], 16): _TERMS[row["keyword"]] for row in rows("kept.csv") if row["treatment"] == Treatment.TERM
}


def treatment(tag: int) -> Treatment:
    """What is done with a tag; `REMOVE` for whatever no table names and for every private tag."""
    if tag >> 16 & 1:
        return Treatment.REMOVE
    return _RULES.get(tag, Treatment.REMOVE)


def is_term(tag: int, word: str) -> bool:
    """Whether a word belongs to the closed vocabulary of a coded attribute."""
    return _TERM_TAGS[tag].fullmatch(word) is not None
