"""A patient opts out of a run: the next round obeys, and what they had a part in is told, also after a restore."""

import shutil
from pathlib import Path

import pytest
from factories import PLAN, RUN, a_cohort
from fakes.asking import another_model, answer, evaluate, train, update
from fakes.wall import Wall, a_wall
from fakes.wall_cast import a_real_plan
from fakes.wall_desk import a_desk
from sqlalchemy import text

from node.flows.taking_part_views import RunPartView, TakingPartView
from node.flows.taking_part_words import ranges
from node.ground.texts import Language
from node.ground.texts import text as said
from node.release.taking_part import Advice, ReleasePart
from node.storage.wall_contact import WallContact
from protocols.enrolment import EnrolmentState
from protocols.inbox import RunNotice, RunState
from protocols.plans import LocalTraining, Privacy, PrivacyMechanism

PRIVATE = Privacy(
    mechanism=PrivacyMechanism.DP_SGD, clip_norm=1.0, noise_multiplier=4.0, epsilon_cap=5.0, delta_cap=1e-3
)


def told(wall: Wall, *patients: int) -> TakingPartView:
    return a_desk(wall).taking_part(patients)


def only(view: TakingPartView) -> RunPartView:
    (run,) = view.runs
    return run


def heard(wall: Wall, state: RunState, rounds_done: int) -> None:
    notice = RunNotice(run_id=RUN, plan_id=PLAN, state=state, rounds_done=rounds_done)
    WallContact(wall.engine).reached(EnrolmentState.ADMITTED, (notice,), wall.clock.now())


def learners(wall: Wall) -> list[int]:
    """Patients whom the wall's export holds in its training part."""
    with wall.engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT DISTINCT patient_number FROM patient_group_member NATURAL JOIN round_patients"
                " WHERE role = 'learnt' ORDER BY 1"
            )
        )
        return [int(row[0]) for row in found]


def test_the_next_round_obeys_and_both_are_told_in_words(wall: Wall) -> None:
    wall.approve(wall.offer())
    answer(wall, train())
    gone, stays = learners(wall)[:2]
    blob, digest = another_model()
    wall.cases.excluded = {f"case-{gone:03d}"}
    answer(wall, train(round=2, model_sha256=digest), blob)
    heard(wall, RunState.RUNNING, 1)
    run = only(told(wall, gone))
    assert (run.learnt, run.left, run.released, run.advice) == ([1], [1], ReleasePart.RUNNING, Advice.STOP)
    assert only(told(wall, stays)).learnt == [1, 2]
    assert only(told(wall, gone, stays)).left == [1, 2]
    assert run.told[0].en == "Learnt from these patients, among others: round 1."
    assert run.told[-1].ko == said("release.part_advice_stop", Language.KO)


def test_who_is_measured_on_is_told_apart_from_who_is_learnt_from(wall: Wall) -> None:
    wall.approve(wall.offer())
    answer(wall, evaluate(round=1))
    validated = {number for number in range(50) if told(wall, number).runs}
    assert validated
    answer(wall, train())
    assert not validated & set(learners(wall))
    run = only(told(wall, *validated))
    assert (run.learnt, run.left, run.measured) == ([], [], [1])
    assert run.advice is Advice.KEEP


def test_a_release_is_told_by_the_round_the_coordinator_chose(wall: Wall) -> None:
    wall.approve(wall.offer())
    answer(wall, train())
    one = learners(wall)[0]
    answer(wall, evaluate(round=1, final=True))
    heard(wall, RunState.FINISHED, 1)
    run = only(told(wall, one))
    assert (run.released, run.released_round, run.advice) == (ReleasePart.LEARNT, 1, Advice.RETRAIN)
    assert "after round 1" in run.told[-2].en


def test_a_private_plan_bounded_what_one_patient_moved(wall: Wall) -> None:
    plan = {
        "privacy": PRIVATE,
        "training": LocalTraining(local_steps=2, batch_size=4, learning_rate=0.1),
        "cohort": a_cohort(min_cases=10, max_cases=100),
        "update_norm_bound": 500.0,
    }
    wall.approve(wall.offer(a_real_plan(**plan)))
    answer(wall, train())
    heard(wall, RunState.RUNNING, 1)
    run = only(told(wall, learners(wall)[0]))
    assert (run.left, run.advice) == ([1], Advice.KEEP_BOUNDED)


def test_nothing_is_said_of_rounds_without_a_record(wall: Wall) -> None:
    wall.approve(wall.offer())
    answer(wall, train())
    with wall.engine.begin() as connection:
        connection.execute(text("DELETE FROM round_patients"))
    heard(wall, RunState.RUNNING, 3)
    view = told(wall, *range(50))
    assert view.runs == []
    (gap,) = view.unrecorded
    assert (gap.run_id, gap.rounds) == (RUN, [1, 2, 3])
    assert "1-3" in gap.told.en
    assert "1-3" in gap.told.ko


def test_a_restored_backup_tells_what_it_knew_and_names_the_rounds_since(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    wall = a_wall(home)
    wall.approve(wall.offer())
    answer(wall, train())
    one = learners(wall)[0]
    closed(wall)
    shutil.copytree(home, tmp_path / "backup")
    wall = a_wall(home)
    blob, digest = another_model()
    answer(wall, train(round=2, model_sha256=digest), blob)
    closed(wall)
    shutil.copytree(tmp_path / "backup", tmp_path / "restored")
    restored = a_wall(tmp_path / "restored")
    restored.cases.excluded = {f"case-{one:03d}"}
    heard(restored, RunState.RUNNING, 2)
    view = told(restored, one)
    assert (only(view).learnt, [gap.rounds for gap in view.unrecorded]) == ([1], [[2]])
    message, _ = update(answer(restored, train(round=3, model_sha256=digest), blob))
    assert message.round == 3
    assert only(told(restored, one)).learnt == [1]
    closed(restored)


def closed(wall: Wall) -> None:
    wall.engine.dispose()
    wall.round_engine.dispose()


def test_an_export_with_a_case_that_is_not_here_is_made_anew(wall: Wall) -> None:
    wall.approve(wall.offer())
    answer(wall, train())
    lost = learners(wall)[0]
    wall.cases.held = [row for row in wall.cases.held if row.patient_number != lost]
    blob, digest = another_model()
    answer(wall, train(round=2, model_sha256=digest), blob)
    assert only(told(wall, lost)).learnt == [1]


def test_a_node_that_has_not_joined_had_no_part_in_anything(wall: Wall) -> None:
    view = a_desk(wall, joined=False).taking_part([1])
    assert (view.runs, view.unrecorded) == ([], [])


@pytest.mark.parametrize(
    ("numbers", "shown"), [((), ""), ((4,), "4"), ((1, 2), "1-2"), ((1, 2, 3, 5, 7, 8, 9), "1-3, 5, 7-9")]
)
def test_rounds_are_shown_in_spans(numbers: tuple[int, ...], shown: str) -> None:
    assert ranges(numbers) == shown
