"""Programs that nobody here wrote: what is not installed skips its tests with the remedy, and fails them in CI."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def absent(remedy: str) -> NoReturn:
    """The test ends here: skipped with the remedy; in CI that is a failure."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(remedy)


def needed(*programs: tuple[str, str]) -> None:
    """Every program is there, or the test ends; each is given with the package that brings it."""
    lacking = [(program, package) for program, package in programs if shutil.which(program) is None]
    if lacking:
        names, packages = (" ".join(dict.fromkeys(one)) for one in zip(*lacking, strict=True))
        absent(f"not installed: {names}. Remedy: apt-get install {packages}")
