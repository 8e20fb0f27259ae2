"""The 26 legal specialties as reference data, the dental department a site may use, and lists a hospital loads."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from node.readers.errors import DepartmentListRefused, DepartmentUnknown

_FILE = Path(__file__).parent / "departments.toml"
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PARTS = 3
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Department:
    """One specialty with its code and its names."""

    code: str
    ko: str
    en: str


@cache
def departments() -> dict[str, Department]:
    """Every department by its code, in the order of the law."""
    with _FILE.open("rb") as file:
        rows = tomllib.load(file)
    return {code: Department(code, ko=names["ko"], en=names["en"]) for code, names in rows.items()}


def known_departments(own: Iterable[Department]) -> dict[str, Department]:
    """Every department of this node: the law's, then those its hospital added; the law's names stand."""
    return {**departments(), **{one.code: one for one in own if one.code not in departments()}}


def check_department(code: str | None, own: Iterable[Department] = ()) -> None:
    """Return when the code names a department, or is none.

    Raises:
        DepartmentUnknown: otherwise.
    """
    known = known_departments(own)
    if code is not None and code not in known:
        raise DepartmentUnknown(code=code, known=", ".join(known))


def department_list(text: str) -> list[Department]:
    """The departments of a list, one a line: code, Korean name, English name, separated by commas.

    Raises:
        DepartmentListRefused: naming the first line that is none.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        parts = [part.strip() for part in line.split(",")]
        if not any(parts):
            continue
        sized = len(parts) == _PARTS and all(0 < len(part) <= _LONGEST for part in parts)
        if not sized or not _CODE.fullmatch(parts[0]):
            raise DepartmentListRefused(line=number)
        found.append(Department(parts[0], ko=parts[1], en=parts[2]))
    return found
