"""The bundle for machines without internet: what it gathers, and an installation that compares before it installs.

The whole one, with torch and its 400 MB, is made by `make bundle`; here the project's own wheel stands for all parts,
since comparing and installing knows no difference between them.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A package index that is asked all the same finds nobody.
NO_NETWORK = {
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "PIP_INDEX_URL": "http://127.0.0.1:9",
}


@pytest.fixture(scope="module")
def bundle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bundle", ROOT / "deploy" / "dev" / "bundle.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def packed(bundle: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tar whose one part is the project's own wheel, page built or not (a planted one)."""
    tree = tmp_path_factory.mktemp("tree")
    for package in ("node", "coordinator", "protocols", "deploy"):
        shutil.copytree(
            ROOT / package, tree / package, ignore=shutil.ignore_patterns("node_modules", "dist", "__pycache__")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, tree)
    page = tree / bundle.PAGE
    page.parent.mkdir(parents=True)
    page.write_text("planted")
    folder = tmp_path_factory.mktemp("work") / "intramuros-bundle"
    (folder / "wheels").mkdir(parents=True)
    bundle.own_wheel(folder / "wheels", tree)
    bundle.seal(folder)
    file: Path = bundle.packed(folder, tmp_path_factory.mktemp("out"))
    return file


@pytest.fixture
def unpacked(packed: Path, tmp_path: Path) -> Path:
    with tarfile.open(packed) as tar:
        tar.extractall(tmp_path, filter="data")
    return tmp_path / "intramuros-bundle"


def install(unpacked: Path, target: Path, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    plain = {"PATH": os.environ["PATH"], "HOME": str(target.parent), "PYTHON": python} | NO_NETWORK
    command = [str(unpacked / "install.sh"), str(target)]
    return subprocess.run(command, env=plain, capture_output=True, text=True, check=False)


def test_it_installs_without_a_network_and_carries_the_built_page(
    unpacked: Path, tmp_path: Path, bundle: ModuleType
) -> None:
    done = install(unpacked, tmp_path / "here")
    assert done.returncode == 0, done.stderr
    assert "intramuros node --help" in done.stdout
    (site,) = (tmp_path / "here" / "lib").glob("python*/site-packages")
    assert (site / bundle.PAGE).read_text() == "planted"


@pytest.mark.parametrize("changed", ["wheels", "requirements.txt", "install.sh", "python"])
def test_one_changed_byte_installs_nothing(unpacked: Path, tmp_path: Path, changed: str) -> None:
    file = unpacked / changed
    if file.is_dir():
        (file,) = file.iterdir()
    file.write_bytes(file.read_bytes() + b"\n")
    done = install(unpacked, tmp_path / "here")
    assert done.returncode == 1
    assert "nothing was installed" in done.stderr
    assert "설치하지 않았습니다" in done.stderr
    assert not (tmp_path / "here").exists()


def test_a_wheel_that_the_list_does_not_name_is_not_taken(unpacked: Path, tmp_path: Path) -> None:
    (wheel,) = (unpacked / "wheels").iterdir()
    shutil.copy(wheel, unpacked / "wheels" / "intramuros-99.0.0-py3-none-any.whl")
    done = install(unpacked, tmp_path / "here")
    assert done.returncode == 0, done.stderr
    assert "99.0.0" not in done.stdout


def test_what_is_there_already_is_left_as_it_is(unpacked: Path, tmp_path: Path) -> None:
    kept = tmp_path / "here" / "kept"
    kept.parent.mkdir()
    kept.write_text("mine")
    done = install(unpacked, tmp_path / "here")
    assert done.returncode == 1
    assert "is there already" in done.stderr
    assert "이미 있습니다" in done.stderr
    assert [path.name for path in (tmp_path / "here").iterdir()] == ["kept"]


def test_another_python_is_refused_with_the_remedy(unpacked: Path, tmp_path: Path) -> None:
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\necho 3.13\n")
    other.chmod(0o755)
    done = install(unpacked, tmp_path / "here", str(other))
    assert done.returncode == 1
    assert "is 3.13" in done.stderr
    assert "apt-get install python3" in done.stderr
    assert not (tmp_path / "here").exists()


def test_a_broken_installation_leaves_no_half_environment(unpacked: Path, tmp_path: Path) -> None:
    """A part that the list names and the folder lacks, under sums that were made anew over what is there."""
    with (unpacked / "requirements.txt").open("a") as lines:
        lines.write(f"missing==1.0 --hash=sha256:{'0' * 64}\n")
    files = sorted(path for path in unpacked.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    sums = subprocess.run(
        ["sha256sum", *[path.relative_to(unpacked) for path in files]], cwd=unpacked, capture_output=True, check=True
    )
    (unpacked / "SHA256SUMS").write_bytes(sums.stdout)
    done = install(unpacked, tmp_path / "here")
    assert done.returncode == 1
    assert "Not installed" in done.stderr
    assert "설치하지 못했으며" in done.stderr
    assert not (tmp_path / "here").exists()


def test_a_tree_without_a_built_page_is_not_packed(bundle: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "intramuros").mkdir()
    for package in ("node", "coordinator", "protocols", "deploy"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    with pytest.raises(SystemExit, match="make page"):
        bundle.own_wheel(tmp_path, tmp_path)


def test_it_gathers_what_runs_as_the_lock_pins_it_and_no_tool_of_developers(bundle: ModuleType) -> None:
    pins = bundle.parts()
    names = {pin.split("==")[0] for pin in pins}
    locked = {
        line.lower().replace("_", "-").replace(".", "-")
        for line in (ROOT / "requirements.lock").read_text().splitlines()
    }
    assert {
        "flwr",
        "torch",
        "fastapi",
        "pydicom",
        "pynetdicom",
        "cryptography",
        "rapidocr-onnxruntime",
        "psycopg",
    } <= names
    assert not names & {"pytest", "mypy", "ruff", "playwright", "opencv-python", "intramuros", "hatchling"}
    assert [pin for pin in pins if pin.replace(".", "-") not in locked] == []


def test_a_partner_needs_neither_torch_nor_flower(bundle: ModuleType) -> None:
    names = {pin.split("==")[0] for pin in bundle.parts(["partner"])}
    assert "httpx" in names
    assert not names & {"torch", "flwr", "fastapi"}
