"""The drawn sites: the same every time, learnable, and full of what de-identification must find."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from deploy.demo.phantoms.anatomy import draw_chest
from deploy.demo.phantoms.folder import BURNED_IN_PER_SITE, FILMS_PER_SITE, PATIENTS_PER_SITE, write_phantoms
from deploy.demo.phantoms.sites import SITES

SEED = 11


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("phantoms")
    write_phantoms(directory, SEED)
    return directory


def table(directory: Path, name: str) -> list[dict[str, str]]:
    with (directory / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_draws_the_same_bytes(phantoms: Path, tmp_path: Path) -> None:
    write_phantoms(tmp_path / "again", SEED)
    first = {path.relative_to(phantoms): path.read_bytes() for path in phantoms.rglob("*") if path.is_file()}
    again = tmp_path / "again"
    assert first == {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}


def test_films_of_two_drawings_never_mix(phantoms: Path) -> None:
    with pytest.raises(FileExistsError):
        write_phantoms(phantoms, SEED + 1)


def test_each_site_has_its_films_and_every_file_is_in_a_table(phantoms: Path) -> None:
    listed = {row["file"] for name in ("labels.csv", "burned-in.csv") for row in table(phantoms, name)}
    assert listed == {f"{path.parent.name}/{path.name}" for path in phantoms.rglob("*.dcm")}
    counts = Counter(file.split("/")[0] for file in listed)
    assert counts == {site.name: FILMS_PER_SITE + BURNED_IN_PER_SITE for site in SITES}


def test_no_patient_is_in_both_splits_and_both_labels_are_in_each(phantoms: Path) -> None:
    splits: dict[str, set[str]] = defaultdict(set)
    labels: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in table(phantoms, "labels.csv"):
        splits[row["patient_id"]].add(row["split"])
        labels[row["site"], row["split"]][row["label"]] += 1
    assert all(len(found) == 1 for found in splits.values())
    assert len(splits) == PATIENTS_PER_SITE * len(SITES)
    assert all(min(count["0"], count["1"]) >= 8 for count in labels.values())


def test_the_holdout_table_is_the_holdout_split(phantoms: Path) -> None:
    split = {(row["file"], row["label"]) for row in table(phantoms, "labels.csv") if row["split"] == "holdout"}
    assert split == {(row["file"], row["label"]) for row in table(phantoms, "holdout.csv")}


def test_every_planted_value_can_be_read_in_the_file_it_is_listed_for(phantoms: Path) -> None:
    planted: dict[str, list[str]] = defaultdict(list)
    for row in table(phantoms, "phi.csv"):
        planted[row["file"]].append(row["value"])
    for file, values in list(planted.items())[::20]:
        text = str(dcmread(phantoms / file)).replace("\\", "")
        described = text + "".join(str(element.value) for element in dcmread(phantoms / file).iterall())
        assert [value for value in values if value not in described] == []


def test_burned_in_films_say_so_and_show_it(phantoms: Path) -> None:
    rows = table(phantoms, "burned-in.csv")
    assert len(rows) == BURNED_IN_PER_SITE * len(SITES)
    assert {row["outcome"] for row in rows} == {"text_blanked"}, "the node blanks their text; they are not held for it"
    for row in rows:
        image = dcmread(phantoms / row["file"])
        assert image.BurnedInAnnotation == "YES"
        assert (image.pixel_array[:40] == 2**image.BitsStored - 1).sum() > 300


def test_names_are_korean_and_latin_in_two_korean_character_sets(phantoms: Path) -> None:
    sets = {str(dcmread(path, stop_before_pixels=True).SpecificCharacterSet) for path in phantoms.rglob("*.dcm")}
    assert sets == {"['', 'ISO 2022 IR 149']", "ISO_IR 100", "ISO_IR 192"}
    north = next((phantoms / "site-north").glob("*.dcm"))
    assert "=" in str(dcmread(BytesIO(north.read_bytes())).PatientName)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_an_opacity_makes_the_lungs_brighter(site: object) -> None:
    look = next(one.look for one in SITES if one == site)
    drawn = [
        [draw_chest(np.random.default_rng(n), look, opacity=opacity) for n in range(12)] for opacity in (False, True)
    ]
    without, with_opacity = (np.mean([picture[40:180].mean() for picture in pictures]) for pictures in drawn)
    assert with_opacity - without > 0.004
