"""The pooled baseline equals the node's network and preparation, and needs nothing but the image folder."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from deploy.demo.pooled import PooledSettings, area_under_curve, run_pooled, tensor_specs
from deploy.demo.pooled_training import PooledNetwork, prepared, resampled
from node.training.catalog import CHEST_CNN_GN_1, architecture, starting_tensors
from node.training.catalog import tensor_specs as audited_specs
from node.training.evaluate import auc
from node.training.networks import load_tensors
from node.training.samples import to_sample


def film_of(rows: int, columns: int, *, bright: bool = False) -> np.ndarray:
    """A smooth phantom with a little noise; a bright one has a patch in its lower half."""
    down, across = np.mgrid[0:rows, 0:columns].astype(np.float32)
    film = 0.5 + 0.3 * np.sin(down / 17) * np.cos(across / 23)
    film += np.random.default_rng(rows).normal(0, 0.02, film.shape)
    if bright:
        film[rows // 2 : rows - 10, 20 : columns - 20] += 0.6
    phantom: np.ndarray = film.astype(np.float32)
    return phantom


def write_film(path: Path, film: np.ndarray, *, inverted: bool = False) -> None:
    stored = np.clip(film * 2000 + 500, 0, 4095).astype(np.uint16)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    dataset.Rows, dataset.Columns = stored.shape
    dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PhotometricInterpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
    dataset.PixelData = (4095 - stored if inverted else stored).tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two labelled sites, the second with one class."""
    rows = []
    for site in ("site-a", "site-b"):
        for number in range(24):
            label = number % 2 if site == "site-a" else 1
            name = f"{site}/{number}.dcm"
            write_film(tmp_path / name, film_of(64 + number, 64, bright=bool(label)))
            split = "holdout" if number % 3 == 0 else "train"
            rows.append({"site": site, "file": name, "patient_id": f"P{number}", "split": split, "label": label})
    with (tmp_path / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, fieldnames=list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return tmp_path


def test_tensor_names_and_shapes_are_those_of_the_nodes_catalog() -> None:
    built = tuple((name, tuple(parameter.shape)) for name, parameter in PooledNetwork().named_parameters())
    assert built == audited_specs(CHEST_CNN_GN_1, {}) == tensor_specs()


def test_both_networks_give_the_same_logits_for_the_same_weights() -> None:
    weights = starting_tensors(CHEST_CNN_GN_1, {}, seed=1)
    ours, theirs = PooledNetwork(), architecture(CHEST_CNN_GN_1, {})
    load_tensors(ours, weights)
    load_tensors(theirs, weights)
    pixels = torch.rand(3, 1, 128, 128, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        assert torch.allclose(ours(pixels), theirs(pixels), atol=1e-5)


@pytest.mark.parametrize(("rows", "columns"), [(256, 256), (211, 300), (300, 211), (90, 100)])
def test_a_phantom_is_prepared_as_the_node_prepares_it(rows: int, columns: int) -> None:
    film = film_of(rows, columns)
    assert np.allclose(resampled(film), to_sample(film), atol=1e-4)


def test_an_inverted_film_is_turned_upright(tmp_path: Path) -> None:
    film = film_of(100, 100, bright=True)
    write_film(tmp_path / "upright.dcm", film)
    write_film(tmp_path / "inverted.dcm", film, inverted=True)
    assert np.allclose(prepared(tmp_path / "upright.dcm"), prepared(tmp_path / "inverted.dcm"), atol=1e-3)


def test_the_area_under_the_curve_is_the_nodes_and_nothing_without_a_pair() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=40).round(1), rng.integers(0, 2, 40)
    assert area_under_curve(scores, labels) == pytest.approx(auc(scores, labels))
    assert area_under_curve(scores, np.ones(40, dtype=np.int64)) is None


def test_a_folder_gives_one_figure_a_site_and_none_for_one_class(folder: Path) -> None:
    settings = PooledSettings(
        epochs_like_rounds=4, local_steps=5, batch_size=8, learning_rate=0.03, weight_decay=1e-3, threads=1
    )
    found = run_pooled(folder, settings, 0)
    assert set(found) == {"site-a", "site-b"}
    assert found["site-a"] is not None
    assert found["site-a"] > 0.9
    assert found["site-b"] is None
    assert found == run_pooled(folder, settings, 0)
