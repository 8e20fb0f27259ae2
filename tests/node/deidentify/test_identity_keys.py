"""Stand-ins hold over restarts, processes and re-imports, and nothing of them matches between two hospitals."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.instances import dataset, dicom_file
from pydantic import BaseModel

import protocols
from node.deidentify.pseudonyms import patient_lookup, replacement
from node.deidentify.summary import summarise
from node.ground.keyring import KeyPurpose, Keyring, make_keys
from node.intake.lookups import Lookups
from protocols.plans import TrainingPlan

REPOSITORY = Path(__file__).parents[3]
IN_ANOTHER_PROCESS = """
import json, sys
from pathlib import Path
from fakes.instances import dataset, dicom_file
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.ground.keyring import Keyring, KeyPurpose
key = Keyring(Path(sys.argv[1])).derive(KeyPurpose.PSEUDONYM)
found = replacement(summarise(dicom_file(dataset())), key)
print(json.dumps([found.patient_pseudonym, dict(found.uid_map), found.date_shift_days]))
"""
# What names a person or leads to one; `patients` and such are counts.
NAMING = re.compile(
    r"(^|_)(patient(_id|_number|_name|_pseudonym|_lookup)?|pseudonym|lookup|study_uid|series_uid|image_id)$"
)


def stand_ins(keyring: Keyring) -> list[object]:
    found = replacement(summarise(dicom_file(dataset())), keyring.derive(KeyPurpose.PSEUDONYM))
    return [found.patient_pseudonym, dict(found.uid_map), found.date_shift_days]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    keys = tmp_path / "keys"
    make_keys(keys)
    return keys


def test_stand_ins_hold_over_restarts_and_re_imports(directory: Path) -> None:
    assert stand_ins(Keyring(directory)) == stand_ins(Keyring(directory))


def test_stand_ins_are_those_of_every_other_process(directory: Path) -> None:
    other = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS, str(directory)],
        capture_output=True,
        check=True,
        cwd=REPOSITORY,
        env={"PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'tests'}", "PYTHONHASHSEED": "17"},
    )
    assert json.loads(other.stdout) == stand_ins(Keyring(directory))


def test_no_key_of_two_hospitals_gives_the_same_stand_in_for_the_same_patient(tmp_path: Path) -> None:
    ours, theirs = (make_keys(tmp_path / name) for name in ("ours", "theirs"))
    for purpose in KeyPurpose:
        assert ours.derive(purpose) != theirs.derive(purpose)
    (pseudonym, uids, _), (other, other_uids, _) = stand_ins(ours), stand_ins(theirs)
    assert pseudonym != other
    assert isinstance(uids, dict)
    assert isinstance(other_uids, dict)
    assert not set(uids.values()) & set(other_uids.values())
    assert lookups(ours).isdisjoint(lookups(theirs))


def lookups(keyring: Keyring) -> set[str]:
    patient = patient_lookup(keyring.derive(KeyPurpose.PATIENT_LOOKUP, b"patient"), issuer="A", patient_id="12345")
    return {patient, Lookups(keyring).instance("1.2.3")}


def test_nothing_that_crosses_the_wall_has_a_place_for_a_patient() -> None:
    fields = dict(fields_of_protocols())
    assert len(fields) > 40
    assert not [where for where, name in fields.items() if NAMING.search(name)]


def fields_of_protocols() -> list[tuple[str, str]]:
    found = []
    for module in pkgutil.iter_modules(protocols.__path__, "protocols."):
        for name, kind in vars(importlib.import_module(module.name)).items():
            if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ == module.name:
                found += [(f"{module.name}.{name}.{field}", field) for field in kind.model_fields]
    return found


def test_a_plan_cannot_ask_for_a_patient() -> None:
    named = json.dumps(TrainingPlan.model_json_schema())
    assert "patient_id" not in named
    assert "patient_number" not in named


def test_no_route_of_the_page_gives_the_nodes_own_number_of_a_patient() -> None:
    document = (REPOSITORY / "node" / "web" / "openapi.json").read_text(encoding="utf-8")
    assert not re.search(r"patient_?(number|lookup|pseudonym)", document, re.IGNORECASE)
