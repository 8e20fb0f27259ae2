"""What becomes of an element: PS3.15 Table E.1-1 (edition 2026c, all its columns) under a deny-by-default rule.

1. An element of `kept.csv` gets the treatment named there: the attributes a picture needs to be read and measured, some
   only under the option named beside them. A coded word outside `terms.csv` goes.
2. Otherwise the table decides: Z empties, D puts a dummy in its place, U maps the UID, everything with X removes; an
   option of the site's policy that speaks of the row (K keeps, C cleans) comes before.
3. Everything else is removed: unknown standard attributes, overlays and curves, and every private one but the numbers
   of `safe_private.csv` where the policy retains them.

Where the table leaves a choice (X/Z, X/D, X/Z/D) the harder one is taken, Z/D empties. Where options meet in a row the
dates' is stronger; free text stays only where the policy cleans it. It does not look at values.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from node.deidentify.dictionary import value_representation
from node.deidentify.policy import DEFAULT, Dates, Policy

PINNED: Final = "ps3_15_2026c.csv"
TEXTUAL: Final = frozenset({"AE", "CS", "LO", "LT", "SH", "ST", "UC", "UT"})
_NUMERIC: Final = frozenset({"DS", "IS", "US", "FL", "FD"})
_DAYS: Final = frozenset({"DA", "DT"})


class Treatment(StrEnum):
    """What is done with an element's value."""

    REMOVE = "remove"
    EMPTY = "empty"
    DUMMY = "dummy"
    UID = "uid"
    KEPT_UID = "kept_uid"
    REGISTERED = "registered"
    DATE = "date"
    TIME = "time"
    AGE = "age"
    NUMBER = "number"
    TERM = "term"
    TEXT = "text"
    NAME = "name"
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
    """The rows of one of this station's tables; a line that begins with # is a remark."""
    text = resources.files("node.deidentify").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def treatment_of_action(action: str, tag: int) -> Treatment:
    """The treatment a basic action of Table E.1-1 asks for."""
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


def treatment_by_row(row: Mapping[str, str], policy: Policy) -> Treatment:
    """What a row of the table asks for under a policy."""
    tag = int(row["tag"], 16)
    basic = treatment_of_action(row["basic"], tag)
    vr = value_representation(tag)
    if row["full_dates"]:
        return _of_time(vr, policy) or basic
    return _kept(row, vr, policy) or _cleaned(row, vr, policy) or basic


def _of_time(vr: str, policy: Policy) -> Treatment | None:
    if vr in _DAYS and policy.dates is not Dates.REMOVED:
        return Treatment.DATE
    return Treatment.TIME if vr == "TM" and policy.keeps_times else None


def _kept(row: Mapping[str, str], vr: str, policy: Policy) -> Treatment | None:
    """Identities of devices, institutions and UIDs, as the policy retains them."""
    named = (policy.device and row["device"]) or (policy.institution and row["institution"])
    if vr == "SQ":
        return Treatment.SEQUENCE if named or (policy.uids and row["uids"] == "K") else None
    if vr == "UI":
        return Treatment.KEPT_UID if named or (policy.uids and row["uids"] == "K") else None
    return Treatment.NAME if named and vr in TEXTUAL else None


def _cleaned(row: Mapping[str, str], vr: str, policy: Policy) -> Treatment | None:
    """Characteristics of the patient, descriptors and structured content."""
    if policy.patient and row["patient"] == "K" and vr in _NUMERIC:
        return Treatment.NUMBER
    described = row["descriptors"] == "C" or (policy.patient and row["patient"])
    if vr == "SQ" and (policy.structured and row["structured"]):
        return Treatment.SEQUENCE
    if policy.descriptors and described:
        return Treatment.SEQUENCE if vr == "SQ" else Treatment.TEXT if vr in TEXTUAL else None
    return None


@lru_cache(maxsize=64)
def rules(policy: Policy) -> Mapping[int, Treatment]:
    """The treatment of every tag that is not simply removed, under a policy."""
    found = {int(row["tag"], 16): treatment_by_row(row, policy) for row in _TABLE if "x" not in row["tag"]}
    for row in _KEPT:
        if not row["option"] or getattr(policy, row["option"]):
            found[int(row["tag"], 16)] = Treatment(row["treatment"])
    return {tag: rule for tag, rule in found.items() if rule is not Treatment.REMOVE}


@cache
def registered() -> frozenset[int]:
    """The tags whose UIDs the standard itself registers, under every policy."""
    return frozenset(tag for tag, rule in rules(DEFAULT).items() if rule is Treatment.REGISTERED)


_TABLE: Final = rows(PINNED)
_KEPT: Final = rows("kept.csv")
_TERMS: Final = {row["keyword"]: re.compile(row["pattern"]) for row in rows("terms.csv")}
_TERM_TAGS: Final = {int(row["tag"], 16): _TERMS[row["keyword"]] for row in _KEPT if row["treatment"] == Treatment.TERM}
_SAFE_PRIVATE: Final = {
    (row["creator"], int(row["group"], 16), int(row["element"], 16)): row["vr"] for row in rows("safe_private.csv")
}


def treatment(tag: int, policy: Policy = DEFAULT) -> Treatment:
    """What is done with a tag; `REMOVE` for whatever no table names and for every private tag."""
    if tag >> 16 & 1:
        return Treatment.REMOVE
    return rules(policy).get(tag, Treatment.REMOVE)


def safe_private(creator: str, tag: int) -> str:
    """The representation of a private number that is known to be safe; "" for any other private element."""
    return _SAFE_PRIVATE.get((creator, tag >> 16, tag & 0xFF), "") if tag & 0xFF00 >= 0x1000 else ""


def is_term(tag: int, word: str) -> bool:
    """Whether a word belongs to the closed vocabulary of a coded attribute."""
    return _TERM_TAGS[tag].fullmatch(word) is not None
