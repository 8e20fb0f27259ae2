"""Runs over many hospitals, a good part of them silent, slow, lying or broken; `make bench ONLY=sim-200` has 200."""

import random
from pathlib import Path

from fakes.approvals_respected import check_respected
from fakes.broken_words import LIES
from fakes.many_hospitals import Way, many_hospitals, ways_of

from coordinator.flows.overview import overview
from coordinator.rounds.run import Step
from coordinator.rounds.states import EndReason
from protocols.inbox import RunState

COUNT, COUNT_WITH_EVERY_LIE = 24, 30


def test_a_run_over_every_kind_of_hospital_ends_with_each_honest_ones_approval_respected(tmp_path: Path) -> None:
    with many_hospitals(tmp_path, COUNT, seed=20_261_123) as many:
        run = many.conducted()
        assert (run.state, run.reason) == (RunState.FINISHED, None)
        check_respected(many, run)


def test_a_run_in_which_too_few_are_honest_ends_with_a_reason_and_publishes_nothing(tmp_path: Path) -> None:
    with many_hospitals(tmp_path, COUNT, seed=20_261_124, quorum=COUNT - 2) as many:
        run = many.conducted()
        assert (run.state, run.reason, run.rounds_done) == (RunState.ENDED, EndReason.TOO_FEW_ANSWERS, 0)
        assert overview(many.world.work, now=many.world.clock.now()).releases == ()


def test_every_lie_is_left_out_under_a_reason_of_its_own(tmp_path: Path) -> None:
    with many_hospitals(tmp_path, COUNT_WITH_EVERY_LIE, seed=20_261_125) as many:
        free = [site for site in many.sites if site.way in (Way.LYING, Way.SILENT, Way.CRASHED, Way.HONEST)]
        for site, lie in zip(free, sorted(LIES), strict=False):
            site.way, site.lie = Way.LYING, lie
            if site.wall is not None:
                site.wall.stop()
                site.wall = None
        run = many.conducted()
        with many.world.work.reading() as books:
            answers = [one for one in books.answers.of_run(run.run_id) if one.step is Step.TRAIN]
    liars = {site.enrolled.site_id for site in many.sites if site.way is Way.LYING}
    said = {one.outcome for one in answers if one.site_id in liars}
    assert len(liars) >= len(LIES)
    assert said == {
        "answers-other", "length-differs", "metric-out-of-range", "norm-over-bound", "not-sealed", "scale-differs",
        "tensors-differ", "weight-beyond-approval",
    }  # fmt: skip


def test_of_two_hundred_sites_there_is_every_way_and_nearly_half_are_plainly_honest() -> None:
    ways = ways_of(200, random.Random(1))
    assert set(ways) == set(Way)
    assert len(ways) == 200
    assert 96 <= ways.count(Way.HONEST) <= 105
