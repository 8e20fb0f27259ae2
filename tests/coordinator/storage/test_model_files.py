from pathlib import Path

import pytest
from factories import RELEASE, RUN

from coordinator.ground.home import Home
from coordinator.storage.model_files import ModelNotWritten, StoredModels


def test_what_is_written_is_read_and_what_is_not_there_is_none(tmp_path: Path) -> None:
    models = StoredModels(Home(tmp_path))
    models.write_checkpoint(RUN, 1, b"one")
    models.write_checkpoint(RUN, 1, b"two")
    models.write_release(RELEASE, b"model")
    assert (models.read_checkpoint(RUN, 1), models.read_checkpoint(RUN, 2)) == (b"two", None)
    assert (models.read_release(RELEASE), models.read_release(RUN)) == (b"model", None)


def test_a_model_that_cannot_be_written_leaves_the_earlier_one(tmp_path: Path) -> None:
    models = StoredModels(Home(tmp_path))
    models.write_checkpoint(RUN, 1, b"one")
    (tmp_path / "runs" / RUN / "round-00001.new").mkdir()
    with pytest.raises(ModelNotWritten):
        models.write_checkpoint(RUN, 1, b"two")
    assert models.read_checkpoint(RUN, 1) == b"one"


def test_of_opened_sums_only_those_stay_that_a_round_may_still_ask_for(tmp_path: Path) -> None:
    models = StoredModels(Home(tmp_path))
    for number in range(1, 5):
        models.write_sum(RUN, number, b"sum %d" % number)
        models.write_sum(RELEASE, number, b"of another run")
    assert [models.read_sum(RUN, number) for number in range(1, 6)] == [None, None, b"sum 3", b"sum 4", None]


def test_of_an_optimisers_moments_those_of_the_last_two_rounds_stay(tmp_path: Path) -> None:
    models = StoredModels(Home(tmp_path))
    for number in range(1, 5):
        models.write_sum(RUN, number, b"sum %d" % number)
        models.write_moments(RUN, number, b"moments %d" % number)
        models.write_moments(RELEASE, number, b"of another run")
    kept = [models.read_moments(RUN, number) for number in range(1, 6)]
    assert kept == [None, None, b"moments 3", b"moments 4", None]
    assert models.read_sum(RUN, 3) == b"sum 3"
