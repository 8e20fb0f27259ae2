"""The self-test: its scoring is right both ways, a wrong key is refused, and the first set leaks nothing."""

from __future__ import annotations

import ast
import csv
import json
from pathlib import Path

import pytest
from fakes.instances import dataset, dicom_file
from planting import categories, folder, headers, held_out, people, pictures, templates
from planting.folder import plant
from planting.held_out import HELD_OUT
from planting.pictures import plant_pictures
from planting.templates import SEEN, TUNING, TemplateSet
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `deid-selftest` becomes a command of the application there
from node.deidentify import identifiers, kept_text, seeds
from node.deidentify.pixels.reader import TextReader
from node.deidentify.selftest import COLUMNS, KeyUnusable, cleaned_with_a_new_key, read_key, score
from node.wiring.commands import app
from node.wiring.deidentify_commands import EVERYTHING


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("planted")
    plant(made, TUNING, people=3, seed=20)
    return made


def write_key(where: Path, *rows: tuple[str, ...]) -> Path:
    with (where / "key.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return where


def test_the_first_set_is_cleaned_without_a_leak(planted: Path) -> None:
    scored = score(planted, read_key(planted), cleaned_with_a_new_key(EVERYTHING))
    assert not [miss for miss in scored.misses if not miss.category.startswith(("rest", "harmless"))]
    assert scored.share > 0.99
    assert len(scored.by_category()) >= 40


def test_a_cleaner_that_does_nothing_misses_what_it_leaves(planted: Path) -> None:
    scored = score(planted, read_key(planted), lambda raw: raw)
    shares = scored.by_category()
    assert shares["patient id"] == shares["private text"] == shares["uids mapped"] == 0
    assert shares["numbers kept"] == 1
    assert score(planted, read_key(planted), lambda _: None).share == 0


def test_a_miss_never_shows_the_value(planted: Path) -> None:
    key = read_key(planted)
    scored = score(planted, key, lambda raw: raw)
    told = repr(scored) + repr(key)
    assert not [row.value for row in key if row.category == "patient id" and row.value in told]


@pytest.mark.parametrize(
    "row",
    [
        ("film.dcm", "name", "forget", "00100010", "Hong"),
        ("absent.dcm", "name", "remove", "00100010", "Hong"),
        ("../film.dcm", "name", "remove", "00100010", "Hong"),
        ("film.dcm", "text in pixels", "blank", "1,2,3", "Hong"),
        ("film.dcm", "text in pixels", "blank", "1,2,-3,4", "Hong"),
    ],
)
def test_a_key_that_asks_for_what_is_not_there_is_refused(tmp_path: Path, row: tuple[str, ...]) -> None:
    (tmp_path / "film.dcm").write_bytes(dicom_file(dataset()))
    (tmp_path.parent / "film.dcm").write_bytes(dicom_file(dataset()))
    with pytest.raises(KeyUnusable):
        read_key(write_key(tmp_path, row))


def test_lines_in_pictures_are_blanked_and_whoever_does_nothing_misses_them(tmp_path: Path) -> None:
    plant_pictures(tmp_path, [], people=3, seed=7)
    key = read_key(tmp_path)
    assert [row.action for row in key] == ["blank"] * 6
    ours = score(tmp_path, key, cleaned_with_a_new_key(EVERYTHING, TextReader()))
    assert ours.misses == ()
    assert score(tmp_path, key, cleaned_with_a_new_key(EVERYTHING)).share == 0
    again = tmp_path / "again"
    again.mkdir()
    plant_pictures(again, [], people=3, seed=7)
    assert (again / "key.csv").read_bytes() == (tmp_path / "key.csv").read_bytes()


@pytest.mark.parametrize("contents", ["", "file,category\na,b\n", "\x00"])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, contents: str) -> None:
    with pytest.raises(KeyUnusable):
        read_key(tmp_path)
    (tmp_path / "key.csv").write_text(contents)
    with pytest.raises(KeyUnusable):
        read_key(tmp_path)


def test_the_command_prints_one_figure_and_every_miss(tmp_path: Path) -> None:
    (tmp_path / "film.dcm").write_bytes(dicom_file(dataset()))
    where = write_key(
        tmp_path,
        ("film.dcm", "own name", "gone", "00100010", "Canary^Gildong"),
        ("film.dcm", "impossible", "same", "00100010", "Canary^Gildong"),
    )
    told = CliRunner().invoke(app, ["deid-selftest", str(where), "--json"])
    assert told.exit_code == 0, told.output
    said = json.loads(told.stdout)
    assert (said["actions"], said["right"], said["share"]) == (2, 1, 0.5)
    assert [miss["category"] for miss in said["misses"]] == ["impossible"]
    worded = CliRunner().invoke(app, ["deid-selftest", str(where)])
    assert "Canary" not in worded.output + told.output
    assert "50.000%" in worded.output


def test_the_command_looks_into_pictures_where_the_key_asks_for_it(tmp_path: Path) -> None:
    plant_pictures(tmp_path, [], people=1, seed=7)
    told = CliRunner().invoke(app, ["deid-selftest", str(tmp_path), "--json"])
    assert told.exit_code == 0, told.output
    said = json.loads(told.stdout)
    assert (said["actions"], said["right"], said["recall"]) == (2, 2, {"text in pixels": 1.0})


def test_a_folder_without_a_key_is_refused_in_a_sentence(tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["deid-selftest", str(tmp_path)])
    assert ended.exit_code == 1
    assert "key.csv" in ended.output


def test_generator_and_product_share_no_part() -> None:
    for module in (categories, folder, headers, held_out, people, pictures, templates):
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {name for name in imported if name and name.split(".")[0] in {"node", "deploy"}}
    for module in (identifiers, kept_text, seeds):
        assert "planting" not in Path(str(module.__file__)).read_text(encoding="utf-8")


def sentences(templates: TemplateSet) -> list[str]:
    """Every sentence of a set, without its slot."""
    lists = (templates.latin, templates.korean, templates.harmless_latin, templates.harmless_korean)
    return [" ".join(sentence.replace("@", " ").split()) for one in lists for sentence in one]


def test_no_sentence_that_is_held_out_stands_in_a_set_the_cleaner_was_tuned_on() -> None:
    held, seen = sentences(HELD_OUT), {*sentences(TUNING), *sentences(SEEN)}
    assert not set(held) & seen
    assert not set(sentences(TUNING)) & set(sentences(SEEN))
    assert len(set(held)) == len(held)
    assert all(sentence.count("@") == 1 for sentence in (*HELD_OUT.latin, *HELD_OUT.korean))
