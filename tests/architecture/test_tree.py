"""What every file of the repository keeps: its size, reasons for what it ignores, and no trace of a machine."""

import ast
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("protocols", "node", "coordinator", "deploy")
LINES_A_FILE = 300
LINES_A_FUNCTION = 30
LINES_A_TEST = 40
LINES_A_MIGRATION = 60

# Files or functions ("path::name") over the bound, each with the reason why splitting would make it worse.
LARGER: Mapping[str, str] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(*endings: str) -> list[Path]:
    """The files git tracks or would track, so that what is written today is seen before it is committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and (not endings or path.suffix in endings)]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function of a module with its own lines: its docstring and the functions inside it are not counted."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            inner = [child for child in node.body if isinstance(child, Function)]
            documented = node.body[:1] if ast.get_docstring(node) is not None else []
            yield node.name, lines_of(node) - sum(map(lines_of, [*inner, *documented]))


def lines_of(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def longest(path: Path) -> int:
    """The bound of a function here; a migration is a frozen list of columns, and a list is not split."""
    if "migrations" in path.parts:
        return LINES_A_MIGRATION
    return LINES_A_TEST if path.is_relative_to(ROOT / "tests") else LINES_A_FUNCTION


def test_no_file_is_longer_than_its_subject() -> None:
    sizes = {name_of(path): len(path.read_text().splitlines()) for path in files(".py", ".ts", ".tsx")}
    generated = {name for name in sizes if "/src/api/" in name}
    assert {
        name: lines for name, lines in sizes.items() if lines > LINES_A_FILE and name not in LARGER.keys() | generated
    } == {}


def test_no_function_is_longer_than_a_screen() -> None:
    measured = {
        f"{name_of(path)}::{name}": (lines, longest(path)) for path in files(".py") for name, lines in functions(path)
    }
    assert {name: lines for name, (lines, bound) in measured.items() if lines > bound and name not in LARGER} == {}


def test_what_is_listed_as_larger_still_is() -> None:
    assert [name for name in LARGER if not (ROOT / name.split("::")[0]).exists()] == []


IGNORE = re.compile(
    r"#\s*(?:noqa|type:\s*ignore)(?P<codes>[:\[][A-Za-z0-9_,\-\s\]]*?(?=\]|\s[^A-Z\s]|$)\]?)?(?P<reason>.*)"
)


@pytest.mark.parametrize(
    ("line", "reasoned"),
    [
        ("x = 1  # noqa: S603 - the argv is ours", True),
        ("x = 1  # type: ignore[arg-type]  # the stub lacks str", True),
        ("x = 1  # noqa: S603", False),
        ("x = 1  # noqa: S603, S607", False),
        ("x = 1  # type: ignore[arg-type]", False),
        ("x = 1  # type: ignore", False),
        ("x = 1", True),
    ],
)
def test_an_ignore_without_a_reason_is_seen(line: str, reasoned: bool) -> None:
    assert has_reason(line) is reasoned


def has_reason(line: str) -> bool:
    """False for a line that switches a rule off without saying why."""
    found = IGNORE.search(line)
    return found is None or len(re.findall(r"[^\W\d_]", found["reason"])) >= 6


def test_every_ignore_gives_its_reason() -> None:
    lines = [
        (name_of(path), number, line)
        for path in files(".py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
    ]
    own = name_of(Path(__file__))
    assert [f"{name}:{number}" for name, number, line in lines if name != own and not has_reason(line)] == []


def traces() -> list[str]:
    hosts = [
        ".".join(parts)
        for parts in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("download", "pytorch", "org"),
        )
    ]
    home = str(Path.home())
    return [*hosts, f"{ROOT}/", *([f"{home}/"] if home != "/" else [])]


def test_no_file_names_a_registry_or_a_folder_of_this_machine() -> None:
    wanted = [trace.encode() for trace in traces()]
    found = [(name_of(path), trace.decode()) for path in files() for trace in wanted if trace in path.read_bytes()]
    assert found == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_typed_and_says_what_it_is(package: str) -> None:
    assert (ROOT / package / "py.typed").exists()
    assert ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text()))


def test_every_station_says_what_it_takes_gives_and_refuses() -> None:
    folders = [
        path for path in files(".py") if path.name == "__init__.py" and path.relative_to(ROOT).parts[0] in PACKAGES
    ]
    assert [name_of(path) for path in folders if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_tests_are_no_packages_but_for_the_one_whose_name_a_distribution_takes() -> None:
    assert [
        name_of(path) for path in files(".py") if path.name == "__init__.py" and path.is_relative_to(ROOT / "tests")
    ] == ["tests/benchmarks/__init__.py"]
