"""A model is measured once in a plan: no second answer can be held against the first to find a patient."""

from pathlib import Path

import pytest
from factories import PLAN, RUN
from fakes.asking import Asked, another_model, answer, evaluate, result, train, update
from fakes.wall import Wall, a_wall

from node.release.asked import Asked as About
from node.release.asked import Exchange
from node.release.metrics import FigurePart, Figures, by_part, together
from node.storage.wall_figures import WallFigures
from protocols.plans import MetricName

OTHER_RUN = RUN[:-1] + "4"


def told(sealed: bytes) -> tuple[int | None, dict[str, float]]:
    found = result(sealed)
    return found.cases, {metric.name.value: metric.value for metric in found.metrics}


def a_patient_leaves(wall: Wall) -> None:
    wall.cases.excluded.add(wall.cases.held[0].case_id)
    wall.fit.auc, wall.fit.loss, wall.fit.membership, wall.fit.cases = 0.61, 0.9, 0.7, 19


@pytest.mark.parametrize(
    "again",
    [
        evaluate(attempt=2),
        evaluate(round=2),
        evaluate(run_id=OTHER_RUN),
        evaluate(final=True),
        evaluate(final=True, run_id=OTHER_RUN, round=3),
    ],
    ids=["another attempt", "another round", "another run", "as the final model", "as the final model of another run"],
)
def test_the_same_model_has_the_same_figures_whoever_left_meanwhile(wall: Wall, again: Asked) -> None:
    wall.approve(wall.offer())
    cases, figures = told(answer(wall, evaluate()))
    a_patient_leaves(wall)
    cases_again, figures_again = told(answer(wall, again))
    assert cases_again == cases
    assert {name: figures_again[name] for name in figures} == figures


def test_figures_that_rode_with_an_update_are_those_of_a_later_evaluation(wall: Wall) -> None:
    wall.approve(wall.offer())
    message, _ = update(answer(wall, train()))
    a_patient_leaves(wall)
    rode = {metric.name.value: metric.value for metric in message.metrics}
    _, figures = told(answer(wall, evaluate()))
    assert figures == {name: rode[name] for name in figures}


def test_a_repeated_final_model_has_the_same_membership_figure(wall: Wall) -> None:
    wall.approve(wall.offer())
    first = told(answer(wall, evaluate(final=True)))
    a_patient_leaves(wall)
    assert told(answer(wall, evaluate(final=True, run_id=OTHER_RUN))) == first


def test_another_model_is_measured_anew(wall: Wall) -> None:
    wall.approve(wall.offer())
    first = told(answer(wall, evaluate()))
    a_patient_leaves(wall)
    blob, digest = another_model()
    assert told(answer(wall, evaluate(round=2, model_sha256=digest), blob)) != first


def test_what_was_told_first_outlives_a_restart(wall: Wall, tmp_path: Path) -> None:
    wall.approve(wall.offer())
    first = told(answer(wall, evaluate()))
    again = a_wall(tmp_path, clock=wall.clock)
    a_patient_leaves(again)
    assert told(answer(again, evaluate(attempt=2))) == first


def test_figures_are_kept_by_plan_model_and_part(wall: Wall) -> None:
    book, about = WallFigures(wall.engine), About(PLAN, RUN, Exchange.EVALUATE, 1, 1, "ab" * 32)
    first, other = (Figures(20, {MetricName.VALIDATION_AUC: value}) for value in (0.71234567, 0.6))
    assert book.keep(about, FigurePart.VALIDATION, first) == first
    assert book.keep(about, FigurePart.VALIDATION, other) == first
    assert book.keep(about, FigurePart.MEMBERSHIP, other) == other


def test_figures_are_taken_apart_and_put_together_with_their_smallest_count() -> None:
    every = Figures(20, dict.fromkeys(MetricName, 0.5))
    parts = by_part(every)
    assert set(parts) == set(FigurePart)
    assert together(parts.values()) == every
    assert together([Figures(4, {MetricName.VALIDATION_AUC: 0.5}), Figures(20, {})]).cases == 4
    assert together([]) == Figures(0, {})
