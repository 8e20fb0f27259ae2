"""Samples and the training export."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from node.training.cohort import Part, TrainingCase
from node.training.samples import (
    ExportDamaged,
    FilmWithoutContrast,
    Sample,
    read_export,
    remove_export,
    to_sample,
    write_export,
)


def film_of(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((rows, columns), dtype=np.float32)


def sample_of(name: str, patient: int, part: Part, label: int = 1) -> Sample:
    case = TrainingCase(name, patient, Path(f"{name}.bin"), label, float(label), part)
    return Sample(case, np.full((1, 8, 8), patient / 10_000, dtype=np.float32))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    samples = [
        sample_of("a", 7001, Part.TRAIN),
        sample_of("b", 7002, Part.TRAIN, label=0),
        sample_of("c", 7001, Part.TRAIN),
        sample_of("d", 7003, Part.VALIDATION),
        sample_of("e", 7004, Part.HOLDOUT),
    ]
    return write_export(tmp_path / "export", samples)


@pytest.mark.parametrize(("rows", "columns"), [(256, 256), (200, 384), (384, 200), (30, 20), (128, 128)])
def test_every_film_becomes_one_plane_of_128_pixels_between_0_and_1(rows: int, columns: int) -> None:
    sample = to_sample(film_of(rows, columns))
    assert sample.shape == (1, 128, 128)
    assert sample.dtype == np.float32
    assert 0.0 <= sample.min() <= sample.max() <= 1.0


@pytest.mark.parametrize("side", [1500, 333, 129, 128, 64])
def test_the_filter_is_torchs_antialiased_bilinear_one(side: int) -> None:
    film = film_of(side, side)
    film[0, :2] = 0.0, 1.0
    low, high = np.percentile(film, [1, 99])
    stretched = np.clip((film - low) / (high - low), 0, 1).astype(np.float32)
    expected = functional.interpolate(
        torch.from_numpy(stretched)[None, None], size=(128, 128), mode="bilinear", antialias=True
    )
    assert np.allclose(to_sample(film), expected[0].numpy(), atol=1e-5)


def test_preparing_a_film_loads_no_torch() -> None:
    program = "import sys, node.flows.cohort, node.training.samples; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_film_that_is_not_square_is_padded_around_its_centre_and_not_distorted() -> None:
    wide = np.full((100, 200), 0.2, dtype=np.float32)
    wide[:, 75:125] = 0.9
    sample = to_sample(wide)[0]
    assert np.all(sample[:30] == 0)
    assert np.all(sample[-30:] == 0)
    bright = np.flatnonzero(sample[64] > 0.5)
    assert bright.mean() == pytest.approx(63.5, abs=0.5)
    assert len(bright) == pytest.approx(32, abs=2)


def test_brightness_and_contrast_of_the_machine_do_not_change_the_sample() -> None:
    film = film_of(90, 90)
    assert np.allclose(to_sample(film), to_sample((film * 0.3 + 0.4).astype(np.float32)), atol=1e-4)


def test_a_few_burnt_pixels_do_not_darken_the_rest() -> None:
    film = film_of(200, 200)
    burnt = film.copy()
    burnt[0, :20] = 50.0
    assert np.abs(to_sample(film)[0, 20:] - to_sample(burnt)[0, 20:]).mean() < 0.01


@pytest.mark.parametrize(
    "film",
    [
        np.full((20, 20), 0.5, dtype=np.float32),
        np.full((20, 20), np.nan, dtype=np.float32),
        np.empty((0, 20), dtype=np.float32),
        np.ones((2, 20, 20), dtype=np.float32),
    ],
)
def test_a_film_without_contrast_is_refused(film: np.ndarray) -> None:
    with pytest.raises(FilmWithoutContrast):
        to_sample(film)


def test_an_export_gives_back_its_parts(export: Path) -> None:
    found = read_export(export)
    assert found.train.case_ids == ("a", "b", "c")
    assert found.train.labels.tolist() == [1, 0, 1]
    assert found.validation.case_ids == ("d",)
    assert found.train.pixels.shape == (3, 1, 8, 8)
    assert found.validation.pixels[0, 0, 0, 0] == np.float32(0.7003)


def test_an_export_groups_by_patient_and_holds_no_patient_number(export: Path) -> None:
    patients = read_export(export).train.patients
    assert patients[0] == patients[2] != patients[1]
    assert "700" not in (export / "index.json").read_text(encoding="utf-8")


def test_a_holdout_label_is_never_written(export: Path) -> None:
    assert read_export(export).holdout.labels.tolist() == [-1]
    entries = json.loads((export / "index.json").read_text(encoding="utf-8"))["cases"]
    assert [entry["label"] for entry in entries if entry["part"] == "holdout"] == [None]


def test_an_export_is_read_only(export: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (export, *export.iterdir())}
    assert modes == {"export": 0o500, "index.json": 0o400, "samples.safetensors": 0o400}


def test_an_export_is_not_overwritten(export: Path) -> None:
    with pytest.raises(FileExistsError):
        write_export(export, [sample_of("a", 1, Part.TRAIN)])


def test_a_removed_export_is_gone_and_removing_it_again_is_no_error(export: Path) -> None:
    remove_export(export)
    remove_export(export)
    assert not export.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("index.json", b"{"),
        ("index.json", b'{"version": 9, "cases": []}'),
        ("index.json", b'{"version": 1, "cases": []}'),
        ("index.json", b'{"version": 1, "cases": [{}, {}, {}, {}, {}]}'),
        ("index.json", b"[]"),
        ("samples.safetensors", b"not tensors"),
    ],
)
def test_a_damaged_export_is_refused(export: Path, name: str, content: bytes) -> None:
    (export / name).chmod(0o600)
    (export / name).write_bytes(content)
    with pytest.raises(ExportDamaged):
        read_export(export)


def test_a_missing_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportDamaged):
        read_export(tmp_path / "nowhere")
