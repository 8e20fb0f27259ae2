"""The 26 legal specialties as reference data, and the dental department a site may use."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from node.readers.errors import DepartmentUnknown

_FILE = Path(__file__).parent / "departments.toml"


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


def check_department(code: str | None) -> None:
    """Return when the code names a department, or is none.

    Raises:
        DepartmentUnknown: otherwise.
    """
    if code is not None and code not in departments():
        raise DepartmentUnknown(code=code, known=", ".join(departments()))
