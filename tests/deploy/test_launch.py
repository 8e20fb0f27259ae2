"""The console script, tried on a home made for the test: the four packages as a few lines each."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LAUNCH = Path(__file__).resolve().parents[2] / "deploy" / "launch.py"
ECHO = "import sys\nprint(*sys.argv[1:], sep='|')\nsys.exit(7)\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    for package in ("node", "coordinator", "coordinator/partner", "protocols", "deploy", "deploy/demo"):
        (folder / package).mkdir(parents=True, exist_ok=True)
        (folder / package / "__init__.py").touch()
        (folder / package / "__main__.py").write_text(f"print({package!r})\n{ECHO}")
    shutil.copy(LAUNCH, folder / "deploy" / "launch.py")
    return folder


def intramuros(
    *arguments: str, home: Path, cwd: Path | None = None, path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    search = f"{path}:{home}" if path else str(home)
    command = [sys.executable, "-S", "-P", "-m", "deploy.launch", *arguments]
    return subprocess.run(
        command, env={"PYTHONPATH": search}, cwd=cwd, capture_output=True, text=True, check=False, timeout=30
    )


@pytest.mark.parametrize(
    ("role", "package"),
    [("node", "node"), ("coordinator", "coordinator"), ("partner", "coordinator/partner"), ("demo", "deploy/demo")],
)
def test_a_role_gets_its_arguments_and_its_exit_code_comes_back(home: Path, role: str, package: str) -> None:
    ended = intramuros(role, "run", "--home", "a folder", "--help", home=home)
    assert (ended.returncode, ended.stdout) == (7, f"{package}\nrun|--home|a folder|--help\n")


@pytest.mark.parametrize("asked", [[], ["--help"], ["-h"], ["help"]])
def test_help_names_every_role_and_every_exit_code(home: Path, asked: list[str]) -> None:
    ended = intramuros(*asked, home=home)
    assert ended.returncode == 0
    for word in ("demo", "node", "coordinator", "partner", "exit codes", "78"):
        assert word in ended.stdout


def test_an_unknown_role_is_refused_and_the_known_ones_are_named(home: Path) -> None:
    ended = intramuros("hospital", home=home)
    assert ended.returncode == 2
    assert "'hospital'" in ended.stderr
    assert "demo, node, coordinator, partner" in ended.stderr


def test_a_working_tree_says_that_it_was_never_installed(home: Path) -> None:
    ended = intramuros("--version", home=home)
    assert ended.returncode == 0
    assert "not installed" in ended.stdout


def test_a_stranger_before_ours_on_the_path_is_refused_in_both_languages(home: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    (stranger / "coordinator").mkdir(parents=True)
    (stranger / "coordinator" / "__init__.py").touch()
    ended = intramuros("node", "run", home=home, path=stranger)
    assert ended.returncode == 78
    assert "own files in place of ours (coordinator)" in ended.stderr
    assert "다른 프로그램의 파일" in ended.stderr
    assert ended.stdout == ""


def test_a_missing_package_is_refused(home: Path) -> None:
    shutil.rmtree(home / "protocols")
    ended = intramuros("node", home=home)
    assert ended.returncode == 78
    assert "(protocols)" in ended.stderr


def test_a_folder_named_node_in_the_working_folder_is_never_run(home: Path, tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "__init__.py").write_text("raise SystemExit('the wrong node')")
    ended = intramuros("node", "status", home=home, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (7, "node\nstatus\n")


@pytest.mark.parametrize(("changed", "code"), [(False, 7), (True, 78)])
def test_a_package_overwritten_after_installation_is_refused(home: Path, changed: bool, code: int) -> None:
    record_as_installed(home)
    if changed:
        (home / "node" / "__init__.py").write_text("# another distribution's file")
    assert intramuros("node", home=home).returncode == code


def record_as_installed(home: Path) -> None:
    empty = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
    metadata = home / "intramuros-9.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: intramuros\nVersion: 9\n")
    (metadata / "RECORD").write_text(f"node/__init__.py,sha256={empty},0\n")
