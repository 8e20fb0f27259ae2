"""The shelf of models on the disk: two threads at once, a full disk, a damaged file."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Thread

import numpy as np
import pytest

from node.storage.wall_models import ModelDamaged, ModelNotKept, WallModels

TENSORS = {"weight": np.arange(4, dtype=np.float32)}


def test_two_threads_that_keep_the_same_model_at_once_both_find_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, together, failures = WallModels(tmp_path), Barrier(2), []

    def meet(_descriptor: int) -> None:
        try:
            together.wait(0.3)
        except BrokenBarrierError:
            return

    def keep() -> None:
        try:
            shelf.keep("plan.start", TENSORS)
        except OSError as failure:
            failures.append(failure)

    monkeypatch.setattr(os, "fsync", meet)
    threads = [Thread(target=keep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = shelf.kept("plan.start")
    assert failures == []
    assert kept is not None
    assert np.array_equal(kept["weight"], TENSORS["weight"])
    assert [path.name for path in tmp_path.iterdir()] == ["plan.start.safetensors"]


def test_a_full_disk_is_an_error_of_its_own_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelNotKept, match=r"plan\.start could not be written: No space left"):
        WallModels(tmp_path).keep("plan.start", TENSORS)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    shelf = WallModels(tmp_path)
    shelf.keep("plan.start", TENSORS)
    shelf.keep("plan.start", {"weight": np.zeros(4, dtype=np.float32)})
    kept = shelf.kept("plan.start")
    assert kept is not None
    assert np.array_equal(kept["weight"], TENSORS["weight"])
    assert shelf.kept("plan.final") is None


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "plan.start.safetensors").write_bytes(b"not a model")
    with pytest.raises(ModelDamaged, match=r"plan\.start"):
        WallModels(tmp_path).kept("plan.start")


def test_a_shelf_is_cleared_of_names_that_begin_alike_but_for_one(tmp_path: Path) -> None:
    shelf = WallModels(tmp_path)
    for name in ("plan.round.one.1", "plan.round.two.1", "plan.round.two.2", "plan.start", "other.round.one.1"):
        shelf.keep(name, TENSORS)
    shelf.clear("plan.round.", but="plan.round.two.2")
    left = sorted(path.stem for path in tmp_path.iterdir())
    assert left == ["other.round.one.1", "plan.round.two.2", "plan.start"]
    shelf.clear("plan.round.")
    assert shelf.kept("plan.round.two.2") is None
