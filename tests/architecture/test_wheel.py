"""The wheel carries what a hospital runs, the built page too, and nothing a page or a test is made from."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("protocols", "node", "coordinator", "deploy")
BUILT = ["node/web/dist/index.html", "node/web/dist/assets/page.js", "coordinator/web/dist/index.html"]
SOURCES = [
    "node/web/src/main.tsx",
    "node/web/src/api/types.ts",
    "node/web/node_modules/preact/index.js",
    "node/web/package.json",
    "node/web/package-lock.json",
    "node/web/tsconfig.json",
    "node/web/vite.config.ts",
    "node/web/eslint.config.js",
    "node/web/index.html",
    "node/web/.npmrc",
    "coordinator/web/src/main.ts",
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    tree = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("node_modules", "dist"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, tree)
    shutil.copytree(ROOT / "tests" / "architecture", tree / "tests" / "architecture")
    for name in BUILT + SOURCES:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("planted")
    subprocess.run(
        [sys.executable, "-P", "-m", "hatchling", "build", "-t", "wheel", "-d", "out"],
        cwd=tree,
        check=True,
        capture_output=True,
    )
    return zipfile.ZipFile(next((tree / "out").glob("intramuros-*.whl")))


def test_the_built_pages_are_carried(wheel: zipfile.ZipFile) -> None:
    assert set(BUILT) <= set(wheel.namelist())


def test_what_a_page_is_built_from_is_not_carried(wheel: zipfile.ZipFile) -> None:
    assert [name for name in wheel.namelist() if name in SOURCES or name.endswith((".ts", ".tsx"))] == []


def test_every_module_and_every_table_of_the_packages_is_carried(wheel: zipfile.ZipFile) -> None:
    carried = set(wheel.namelist())
    kept = {".py", ".toml", ".csv", ".json", ".typed", ".sql", ".mako", ".ini"}
    written = [
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in kept or path.name == "py.typed"
    ]
    expected = [
        path
        for path in written
        if not {"web", "dev", "__pycache__"} & set(path.parts[1:2] + path.parts[-2:-1]) or path.parts[1] == "edges"
    ]
    assert [str(path) for path in expected if str(path) not in carried] == []


def test_nothing_but_the_four_packages_and_the_metadata_is_carried(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert [name for name in wheel.namelist() if name.startswith("deploy/dev/")] == []


def test_one_command_the_licence_and_the_supported_pythons_are_declared(wheel: zipfile.ZipFile) -> None:
    metadata = {
        name.rsplit("/", 1)[-1]: wheel.read(name).decode() for name in wheel.namelist() if ".dist-info/" in name
    }
    assert metadata["entry_points.txt"].split() == ["[console_scripts]", "intramuros", "=", "deploy.launch:main"]
    assert "Requires-Python: <3.13,>=3.11" in metadata["METADATA"]
    assert "Apache License" in metadata["LICENSE"]


def test_the_partner_gets_neither_torch_nor_flower(wheel: zipfile.ZipFile) -> None:
    metadata = next(wheel.read(name).decode() for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    required = [
        line
        for line in metadata.splitlines()
        if line.startswith("Requires-Dist:") and ("extra ==" not in line or "'partner'" in line)
    ]
    assert sorted(line.split()[1].split("<")[0].split(">")[0] for line in required) == [
        "cryptography",
        "httpx",
        "pydantic",
    ]
