"""The adjudication of one case: a state table, who may act, and what each may see at which step.

    needed → blind → opinions → decided
       └───────┴─────────┴────→ withdrawn

- *needed*: the readings leave the case unsure, or the project asks for every dissent; nobody has it yet.
- *blind*: an adjudicator who has not read the case holds it and reads it like any reader; nothing of others is shown.
- *opinions*: the blind reading is in and stays what it is; the readings are shown, in an order drawn for this
  adjudication, without names, times or counts of who else agreed.
- *decided*: a verdict with a reason code closes the case; it names an option or says the case cannot be decided.
- *withdrawn*: the case left the project (excluded, or its identity was seen); no verdict.

A verdict never changes a reading. What it does to a reader's figures is for `consensus.quality`.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from node.consensus.errors import AdjudicationRefused
from node.consensus.vote import QuestionConsensus
from node.labeling.reading import Answer, Reading


class AdjudicationState(StrEnum):
    """Where an adjudication stands."""

    NEEDED = "needed"
    BLIND = "blind"
    OPINIONS = "opinions"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class Reason(StrEnum):
    """Why the verdict is what it is; a code, because free text could name a patient."""

    FINDING_OVERLOOKED = "finding-overlooked"
    FINDING_OVERCALLED = "finding-overcalled"
    ARTEFACT = "artefact"
    BORDERLINE = "borderline"
    GUIDELINE_UNCLEAR = "guideline-unclear"
    IMAGE_INSUFFICIENT = "image-insufficient"


_S = AdjudicationState
MOVES: dict[AdjudicationState, frozenset[AdjudicationState]] = {
    _S.NEEDED: frozenset({_S.BLIND, _S.WITHDRAWN}),
    _S.BLIND: frozenset({_S.NEEDED, _S.OPINIONS, _S.WITHDRAWN}),
    _S.OPINIONS: frozenset({_S.DECIDED, _S.WITHDRAWN}),
    _S.DECIDED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}
"""An adjudicator may give a case back only before the opinions of others were shown."""

UNDECIDABLE = frozenset({Reason.GUIDELINE_UNCLEAR, Reason.IMAGE_INSUFFICIENT, Reason.BORDERLINE})
"""The reasons for which a verdict may name no option."""


@dataclass(frozen=True, slots=True)
class Adjudication:
    """One case in adjudication."""

    adjudication_id: str
    project_id: str
    case_id: str
    question: str
    state: AdjudicationState
    adjudicator_id: str | None
    order_seed: int
    """Drawn once, when the adjudication is made: the order in which opinions are shown."""


@dataclass(frozen=True, slots=True)
class ShownOpinion:
    """What an adjudicator sees of one reading: a letter, the answer, nothing of its reader."""

    letter: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Verdict:
    """How it ended: an option, or none where it cannot be decided."""

    option: str | None
    reason: Reason


def needs_adjudication(consensus: QuestionConsensus, *, bound: float, every_dissent: bool) -> bool:
    """True without a consensus, below the bound, or, where that is asked for, with any dissent."""
    unsure = consensus.option is None or consensus.posterior < bound
    return unsure or (every_dissent and consensus.dissent > 0)


def check_move(adjudication: Adjudication, wanted: AdjudicationState) -> None:
    """Return when the table allows the move. Raises: AdjudicationRefused."""
    if wanted not in MOVES[adjudication.state]:
        raise AdjudicationRefused(f"a {adjudication.state.value} adjudication cannot become {wanted.value}")


def check_may_take(adjudication: Adjudication, person_id: str, readers: Collection[str]) -> None:
    """Return when this person may take the case: nobody has it, and they have never read or held it.

    Raises:
        AdjudicationRefused: otherwise.
    """
    check_move(adjudication, AdjudicationState.BLIND)
    if person_id in readers:
        raise AdjudicationRefused("who read a case cannot adjudicate it")


def check_holds(adjudication: Adjudication, person_id: str, wanted: AdjudicationState) -> None:
    """Return when this person holds the adjudication and may move it there.

    Raises:
        AdjudicationRefused: it is another's, or the table forbids it.
    """
    if adjudication.adjudicator_id != person_id:
        raise AdjudicationRefused("no such adjudication")
    check_move(adjudication, wanted)


def shown_opinions(adjudication: Adjudication, person_id: str, readings: Sequence[Reading]) -> tuple[ShownOpinion, ...]:
    """The other readers' answers to the question, shuffled and unnamed; only once the own blind reading is in.

    Raises:
        AdjudicationRefused: it is another's, or the blind reading is not in.
    """
    check_holds(adjudication, person_id, AdjudicationState.DECIDED)
    question = adjudication.question.partition("/")[0]
    by_id = sorted(readings, key=lambda reading: reading.reading_id)
    answers = [
        answer
        for reading in by_id
        if reading.person_id != person_id
        for answer in reading.content.answers
        if answer.question == question and answer.place is None and answer.mark is None
    ]
    random.Random(adjudication.order_seed).shuffle(answers)  # noqa: S311 - an order to show, not a secret
    return tuple(ShownOpinion(_letter(at), answer) for at, answer in enumerate(answers))


def check_verdict(verdict: Verdict, options: Collection[str]) -> None:
    """Return when the verdict names an option of the question, or none for a reason that allows none.

    Raises:
        AdjudicationRefused: otherwise.
    """
    if verdict.option is None:
        if verdict.reason not in UNDECIDABLE:
            raise AdjudicationRefused("this reason decides the case, so the verdict names an option")
    elif verdict.option not in options or verdict.reason is Reason.IMAGE_INSUFFICIENT:
        raise AdjudicationRefused("the verdict names an option the question does not have, or none was due")


def _letter(at: int) -> str:
    return chr(ord("A") + at)
