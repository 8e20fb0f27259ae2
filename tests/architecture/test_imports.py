"""The import contracts hold on the tree as it is, and each of them bites.

All violations are planted in one copy and found in one run: every test looks for its own among what was reported.
"""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("protocols", "node", "coordinator", "deploy")

# where it is planted, what stands there, what import-linter must say
PLANTED = [
    ("protocols/planted_role.py", "import node.ground", "protocols.planted_role -> node.ground"),
    ("node/intake/planted_role.py", "import coordinator.ground", "node.intake.planted_role -> coordinator.ground"),
    ("coordinator/rounds/planted_role.py", "import node.ground", "coordinator.rounds.planted_role -> node.ground"),
    ("deploy/planted_role.py", "import node.ground", "deploy.planted_role -> node.ground"),
    ("node/ground/planted_deploy.py", "import deploy.launch", "node.ground.planted_deploy -> deploy.launch"),
    (
        "coordinator/partner/planted_role.py",
        "import coordinator.ground",
        "coordinator.partner.planted_role -> coordinator.ground",
    ),
    ("coordinator/partner/planted_heavy.py", "import torch", "coordinator.partner.planted_heavy -> torch"),
    ("node/ground/planted_up.py", "import node.flows", "node.ground.planted_up -> node.flows"),
    ("node/intake/planted_later.py", "import node.release", "node.intake.planted_later -> node.release"),
    ("node/flows/planted_store.py", "import node.storage", "node.flows.planted_store -> node.storage"),
    ("node/edges/web/planted_store.py", "import node.storage", "node.edges.web.planted_store -> node.storage"),
    ("node/edges/dicom/planted_edge.py", "import node.edges.web", "node.edges.dicom.planted_edge -> node.edges.web"),
    (
        "coordinator/rounds/planted_later.py",
        "import coordinator.aggregation",
        "coordinator.rounds.planted_later -> coordinator.aggregation",
    ),
    (
        "coordinator/edges/web/planted_edge.py",
        "import coordinator.edges.front",
        "coordinator.edges.web.planted_edge -> coordinator.edges.front",
    ),
    ("node/flows/planted_database.py", "import sqlalchemy", "node.flows.planted_database -> sqlalchemy"),
    ("node/labeling/planted_web.py", "import fastapi", "node.labeling.planted_web -> fastapi"),
    ("node/training/planted_flower.py", "import flwr", "node.training.planted_flower -> flwr"),
    ("coordinator/aggregation/planted_flower.py", "import flwr", "coordinator.aggregation.planted_flower -> flwr"),
    ("protocols/planted_http.py", "import httpx", "protocols.planted_http -> httpx"),
    ("node/training/planted_door.py", "import protocols.updates", "node.training.planted_door -> protocols.updates"),
    ("node/edges/web/planted_door.py", "import protocols.updates", "node.edges.web.planted_door -> protocols.updates"),
    ("node/flows/planted_masks.py", "import protocols.masking", "node.flows.planted_masks -> protocols.masking"),
    ("node/helpers/__init__.py", "", "node.helpers"),
    ("node/edges/fax/__init__.py", "", "node.edges.fax"),
    ("coordinator/audits/__init__.py", "", "coordinator.audits"),
    ("coordinator/edges/fax/__init__.py", "", "coordinator.edges.fax"),
]
MUST_STAND = [
    "node/flows",
    "node/release",
    "node/storage",
    "node/edges/web",
    "coordinator/aggregation",
    "coordinator/edges/front",
]


def copy_of_the_tree(place: Path) -> Path:
    for package in PACKAGES:
        skipped = shutil.ignore_patterns("node_modules", "dist", "__pycache__", "*.ts", "*.tsx")
        shutil.copytree(ROOT / package, place / package, ignore=skipped)
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


def plant(tree: Path, path: str, source: str) -> None:
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text(source + "\n")
    folder = (tree / path).parent
    while folder != tree:
        (folder / "__init__.py").touch()
        folder = folder.parent


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", "--no-logo"],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> str:
    tree = copy_of_the_tree(tmp_path_factory.mktemp("planted"))
    for folder in MUST_STAND:
        if not (tree / f"{folder}.py").exists():
            plant(tree, f"{folder}/__init__.py", "")
    for path, source, _ in PLANTED:
        plant(tree, path, source)
    return lint(tree).stdout


@pytest.mark.parametrize(("path", "source", "said"), PLANTED, ids=[path for path, _, _ in PLANTED])
def test_a_planted_violation_is_reported(reported: str, path: str, source: str, said: str) -> None:
    assert said in reported, reported


def test_every_contract_was_broken_by_a_planted_violation(reported: str) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert [contract["name"] for contract in contracts if f"{contract['name']} BROKEN" not in reported] == []


def test_the_tree_as_it_stands_keeps_every_contract(tmp_path: Path) -> None:
    ended = lint(copy_of_the_tree(tmp_path))
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_everything_that_carries_an_update_is_behind_the_one_door() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    door = next(contract for contract in contracts if contract["id"] == "one-door")
    standing = {f"protocols.{name}" for name in ("updates", "masking") if (ROOT / "protocols" / f"{name}.py").exists()}
    assert standing <= set(door["forbidden_modules"])
