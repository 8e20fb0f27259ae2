"""What must hold after a run of many hospitals: each honest site's approval was respected, and nobody else moved it."""

from __future__ import annotations

from fakes.many_hospitals import LAST_ROUND_APPROVED, ROUNDS, ManyHospitals, PlayedSite, Way, counted
from fakes.secure_walls import WalledHospital
from fakes.secure_world import plain_model
from fakes.wall_cast import SPECS

from coordinator.publication.release import tensor_blob
from coordinator.rounds.run import ACCEPTED, Run, Step
from coordinator.rounds.states import RoundState
from node.release.ledger import verify_stored

_REFUSAL = "error-report"
_MEASURED = "evaluation-result"
_UPDATE = "model-update"


def check_respected(many: ManyHospitals, run: Run) -> None:
    """Return when everything holds that a run with a release promises. Raises: AssertionError."""
    check_models(many, run)
    check_counted(many, run)
    for site in many.sites:
        check_asked(site)
        if site.wall is not None:
            check_ledger(site.way, site.wall)


def check_models(many: ManyHospitals, run: Run) -> None:
    """Every round's model is, bit for bit, the plain mean over the updates that belong in it."""
    rounds = [many.in_round(number) for number in range(1, ROUNDS + 1)]
    for number in range(1, ROUNDS + 1):
        file = many.world.models.read_checkpoint(run.run_id, number)
        assert file is not None
        assert tensor_blob(SPECS, file) == plain_model(run.run_id, rounds[:number])


def check_counted(many: ManyHospitals, run: Run) -> None:
    """The books name as accepted whose update belongs in a round, and no figure is of anybody else."""
    with many.world.work.reading() as books:
        answers, measured = books.answers.of_run(run.run_id), books.answers.measurements(run.run_id)
        closed = {held.round: held.sites for held in books.rounds.of_run(run.run_id) if held.state is RoundState.CLOSED}
    accepted = {(one.round, one.site_id) for one in answers if one.step is Step.TRAIN and one.outcome == ACCEPTED}
    belongs = {
        (number, site.enrolled.site_id)
        for number in range(1, ROUNDS + 1)
        for site in many.sites
        if counted(site.way, number)
    }
    assert accepted == belongs
    assert closed == {number: len(many.in_round(number)) for number in range(1, ROUNDS + 1)}
    walled = {site.enrolled.site_id for site in many.sites if site.wall is not None}
    assert {one.site_id for one in measured} <= walled


def check_asked(site: PlayedSite) -> None:
    """Nobody was asked beyond the approval that the coordinator held at that moment."""
    trainings = site.asked.count("train")
    match site.way:
        case Way.UNASKED:
            assert site.asked == []
        case Way.NARROW:
            assert trainings == LAST_ROUND_APPROVED
        case Way.LEAVING:
            assert (trainings, site.asked[-1]) == (LAST_ROUND_APPROVED + 1, "train")
        case _:
            assert trainings == ROUNDS


def check_ledger(way: Way, wall: WalledHospital) -> None:
    """All that left stands in the ledger, of rounds that were approved; after a withdrawal only refusals."""
    head = wall.wall.ledger.head()
    assert verify_stored(wall.wall.ledger.stored(head.number), head) == head.number
    kinds, last = wall.kinds(), LAST_ROUND_APPROVED if way in (Way.NARROW, Way.LEAVING) else ROUNDS
    updates = [row.entry for row in wall.wall.ledger.page(0, 100) if row.entry.message_kind == _UPDATE]
    assert all(entry.round is not None and entry.round <= last and entry.approval_id for entry in updates)
    if way is Way.LEAVING:
        assert kinds == [_UPDATE, "withdrawal", _REFUSAL]
    elif way is Way.NOT_FINITE:
        assert set(kinds) == {_REFUSAL, _MEASURED}
    else:
        assert len(updates) == wall.fit.trained == last
        assert set(kinds) <= {_UPDATE, _MEASURED}
