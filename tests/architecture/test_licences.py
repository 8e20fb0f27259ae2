import json
from pathlib import Path

import pytest
from architecture.licences import LISTED, allowed, faults, pinned

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "expression",
    ["MIT", "Apache-2.0 OR BSD-3-Clause", "GPL-2.0-only OR MIT", "(MIT OR CC0-1.0)", "Apache-2.0 WITH LLVM-exception"],
)
def test_permissive_licences_pass(expression: str) -> None:
    assert allowed("anything", expression)


@pytest.mark.parametrize(
    "expression", ["GPL-3.0-or-later", "AGPL-3.0-only", "MIT AND GPL-2.0-only", "SSPL-1.0", "", "UNKNOWN"]
)
def test_strong_copyleft_and_the_unreadable_are_refused(expression: str) -> None:
    assert not allowed("anything", expression)
    assert not allowed("psycopg", expression)


@pytest.mark.parametrize("expression", ["LGPL-3.0-only", "MPL-2.0"])
def test_weak_copyleft_passes_only_by_name(expression: str) -> None:
    assert allowed("psycopg", expression)
    assert allowed("psycopg-binary", expression)
    assert not allowed("psycopgish", expression)
    assert not allowed("anything", expression)


def test_every_pinned_part_may_be_passed_on() -> None:
    assert faults(ROOT / "requirements.lock") == []


def test_a_part_of_the_page_under_gpl_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "package-lock.json"
    lock.write_text(
        json.dumps(
            {
                "packages": {
                    "": {},
                    "node_modules/viewer": {"license": "GPL-3.0"},
                    "node_modules/preact": {"license": "MIT"},
                }
            }
        )
    )
    assert faults(lock) == ["viewer: licence 'GPL-3.0' is neither permissive nor listed"]


@pytest.mark.parametrize("role", ["node", "coordinator"])
def test_every_part_of_the_page_may_be_passed_on(role: str) -> None:
    lock = ROOT / role / "web" / "package-lock.json"
    assert not lock.exists() or faults(lock) == []


def test_a_reason_stands_beside_every_listed_part() -> None:
    assert all(len(reason.split(": ", 1)[1]) > 10 for reason in LISTED.values())


def test_the_lock_pins_exactly_and_names_no_machine() -> None:
    lines = [
        line for line in (ROOT / "requirements.lock").read_text().splitlines() if line and not line.startswith("#")
    ]
    assert all("==" in line and "@" not in line and "://" not in line and "+" not in line for line in lines)
    assert {"torch", "flwr", "pytest", "hatchling"} <= set(pinned(ROOT / "requirements.lock"))


def test_of_the_ocr_distribution_nothing_comes_along_but_its_models() -> None:
    """The OpenCV it asks for carries FFmpeg and Qt (LGPL) and an old OpenSSL; set-up and lock leave it out."""
    assert not {"opencv-python", "opencv-python-headless", "pyclipper", "shapely"} & set(
        pinned(ROOT / "requirements.lock")
    )
    assert "--no-deps" in (ROOT / "deploy" / "dev" / "setup.sh").read_text()
