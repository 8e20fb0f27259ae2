"""One attempt at a round of a secure run: five exchanges, of which only the sum of updates is ever read here.

The run's members are fixed before the first one is asked. The list of survivors is what was masked in time by members
whose approval holds; it is recorded before anybody reveals for it, because hospitals reveal for one list a round: an
attempt after it asks the members of that list and no others. Whoever falls silent costs only itself, until too few are
left; then the attempt is void with its reason, and the round is tried once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coordinator.aggregation.masked_update import MaskedContribution, add_up, check_masked
from coordinator.aggregation.opened import made_of
from coordinator.aggregation.secure_relay import (
    Members,
    SecureFault,
    SecureRoundFailed,
    Sheet,
    WordRefused,
    counted_votes,
    mask_instructions,
    sheet_of,
    survivor_instruction,
)
from coordinator.aggregation.secure_sum import opened_words
from coordinator.aggregation.update import UpdateRefused
from coordinator.aggregation.weighted_sum import Aggregate, ModelNotFinite
from coordinator.flows.ask import entitled, equal_measurements
from coordinator.flows.checkpoint import load_sum, save_sum
from coordinator.flows.roster import vouched_sites
from coordinator.flows.scene import Scene
from coordinator.flows.secure_line import SecureLine, Told
from coordinator.membership.site import Site
from coordinator.offers.plan import least_members
from coordinator.rounds.instruction import Asked, Model
from coordinator.rounds.participants import Participant
from coordinator.rounds.reply import UNREADABLE
from coordinator.rounds.run import ACCEPTED, SILENT, Answer, Step
from coordinator.rounds.states import AttemptVoid, EndReason, RunEnds
from protocols.masking import (
    AdvertInstruction,
    MaskedUpdate,
    MaskingRound,
    MaskingShares,
    UnmaskingShares,
    members_digest,
    most_members,
)
from protocols.signing import Purpose
from protocols.updates import Metric

_REASONS: Mapping[SecureFault, EndReason] = {
    SecureFault.TOO_FEW_MEMBERS: EndReason.MEMBERS_LOST,
    SecureFault.MODELS_DIFFER: EndReason.MODELS_DIFFER,
    SecureFault.SHARES_DO_NOT_OPEN: EndReason.SHARES_DO_NOT_OPEN,
    SecureFault.SUM_OUT_OF_RANGE: EndReason.SUM_OUT_OF_RANGE,
}


MASKED = "masked"
"""Its masked update came, and no list of survivors was made."""


@dataclass(frozen=True, slots=True)
class Masked:
    """What one member gave: its masked words with their statement, and its figures."""

    part: MaskedContribution
    metrics: tuple[Metric, ...]


def fix_members(scene: Scene, asked: Asked) -> frozenset[str]:
    """The run's members; at its first question those whose approval covers it and who believe each other's keys.

    Raises:
        RunEnds: so many members cannot have the plan's threshold.
    """
    now = scene.conductor.clock.now()
    with scene.conductor.work.writing() as books:
        scene.owned(books)
        fixed = books.runs.members(scene.run_id)
        if fixed:
            return frozenset(fixed)
        approved = [one.site.site_id for one in entitled(books, asked, now)]
        found = vouched_sites(books, scene.conductor.face, scene.plan, approved)
        if not least_members(scene.plan) <= len(found) <= most_members(scene.plan.aggregation):
            raise RunEnds(EndReason.MEMBERS_DO_NOT_FIT)
        books.runs.fix_members(scene.run_id, found, scene.event("run.members-fixed", now))
    return frozenset(found)


def askable(scene: Scene, asked: Asked) -> frozenset[str]:
    """Whom this attempt may ask: the run's members; after an attempt that had its list, the members of that list.

    Raises:
        RunEnds: so many members cannot have the plan's threshold.
    """
    members = fix_members(scene, asked)
    with scene.conductor.work.reading() as books:
        answers = books.answers.of_run(scene.run_id)
    earlier = [held for held in answers if (held.step, held.round) == (Step.TRAIN, asked.round)]
    listed = frozenset(held.site_id for held in earlier if held.outcome == ACCEPTED)
    return listed & members if listed else members


def securely(scene: Scene, asked: Asked, base: Model, present: tuple[Participant, ...]) -> tuple[Aggregate, int]:
    """The next model out of an opened sum, and of how many sites it is.

    Raises:
        AttemptVoid: there is none.
        CourierStopped: the engine ended the run.
        RunSuperseded: another ServerApp took the run up.
    """
    line = SecureLine(scene, asked, {one.site.site_id: one for one in present})
    parts: dict[str, Masked] = {}
    try:
        sheet = _sheet(line, _members(scene, asked), base)
        parts = _masked(line, sheet, base)
        if len(parts) < least_members(scene.plan):
            raise SecureRoundFailed(SecureFault.TOO_FEW_MEMBERS)
    except SecureRoundFailed as failed:
        _record(line, parts, outcome=MASKED)
        raise AttemptVoid(_REASONS[failed.fault], len(parts)) from None
    _record(line, parts, outcome=ACCEPTED)
    try:
        words = _opened(line, sheet, {site: one.part for site, one in parts.items()})
        made = made_of(words, base, scene.plan, about=sheet.members.about, survivors=tuple(sorted(parts)))
        save_sum(scene, asked.round, made.said, made.words)
        return made.aggregate, len(parts)
    except SecureRoundFailed as failed:
        raise AttemptVoid(_REASONS[failed.fault], len(parts)) from None
    except ModelNotFinite:
        raise AttemptVoid(EndReason.NOT_FINITE, len(parts)) from None


def _members(scene: Scene, asked: Asked) -> Members:
    with scene.conductor.work.reading() as books:
        fixed = books.runs.members(scene.run_id)
        sites: dict[str, Site] = {site.site_id: site for site in books.sites.all()}
    identities = {site: sites[site].identity for site in fixed}
    aggregation = scene.plan.aggregation
    about = MaskingRound(
        plan_id=asked.plan_id,
        run_id=asked.run_id,
        round=asked.round,
        attempt=asked.attempt,
        members_sha256=members_digest({site: key.raw for site, key in identities.items()}),
        members_n=len(fixed),
        threshold_t=aggregation.threshold_t,
        colluders_c=aggregation.colluders_c,
    )
    return Members(about, identities)


def _sheet(line: SecureLine, members: Members, base: Model) -> Sheet:
    """The adverts of the attempt, fixed."""
    opened, words = load_sum(line.scene, base.round) if base.round else (None, b"")
    asked = AdvertInstruction(
        about=members.about,
        model_sha256=base.sha256,
        members=tuple(sorted(members.identities)),
        opened=opened,
    )
    adverts = line.ask(dict.fromkeys(line.present, Told(asked, words)), Purpose.MASKING_ADVERT)
    sheet = sheet_of(members, base.sha256, adverts)
    for site in set(adverts) - set(sheet.adverts):
        line.outcomes[site] = UNREADABLE
    return sheet


def _masked(line: SecureLine, sheet: Sheet, base: Model) -> dict[str, Masked]:
    """The masked updates that came, each by a member that gave its shares."""
    sealed = line.ask(dict.fromkeys(sheet.adverts, Told(sheet.instruction())), Purpose.MASKING_SHARES)
    dealt = {}
    for site, one in sealed.items():
        word = line.word(site, one, MaskingShares, Purpose.MASKING_SHARES)
        if word is not None:
            dealt[site] = word[0]
    asked = mask_instructions(sheet, dealt, model_sha256=base.sha256)
    told = {site: Told(one, base.blob) for site, one in asked.items()}
    answered = line.ask(told, Purpose.MASKED_UPDATE, trains=True)
    found = {site: _checked(line, sheet, site, one) for site, one in answered.items()}
    return {site: one for site, one in found.items() if one is not None}


def _checked(line: SecureLine, sheet: Sheet, site: str, sealed: bytes) -> Masked | None:
    word = line.word(site, sealed, MaskedUpdate, Purpose.MASKED_UPDATE)
    if word is None:
        return None
    update, blob = word
    try:
        return Masked(check_masked(update, blob, sheet=sheet, plan=line.scene.plan), update.metrics)
    except WordRefused:
        line.outcomes[site] = UNREADABLE
    except UpdateRefused as refused:
        line.outcomes[site] = refused.reason.value
    return None


def _record(line: SecureLine, parts: Mapping[str, Masked], *, outcome: str) -> None:
    """What each member answered is in the books, before anybody reveals for a list."""
    scene, asked = line.scene, line.asked
    now = scene.conductor.clock.now()
    silent = Answer(asked.run_id, asked.step, asked.round, asked.attempt, "", SILENT, now)
    outcomes = {site: outcome if site in parts else line.outcomes.get(site, UNREADABLE) for site in line.present}
    answers = [replace(silent, site_id=site, outcome=said) for site, said in outcomes.items()]
    figures = {site: one.metrics for site, one in parts.items() if outcome == ACCEPTED}
    with scene.conductor.work.writing() as books:
        scene.owned(books)
        books.answers.add(answers, equal_measurements(scene, asked, figures))


def _opened(line: SecureLine, sheet: Sheet, parts: Mapping[str, MaskedContribution]) -> NDArray[np.int64]:
    """The words of the sum of the list, opened by its own members; with a vote where one is needed."""
    statements = {site: part.sealed_statement for site, part in parts.items()}
    votes: tuple[bytes, ...] = ()
    if not sheet.members.about.folds:
        asked = survivor_instruction(sheet, statements, unmask=False)
        sealed = line.ask(dict.fromkeys(asked.survivors, Told(asked)), Purpose.SURVIVOR_VOTE)
        votes = counted_votes(sheet, asked.survivors, sealed)
    asked = survivor_instruction(sheet, statements, votes=votes, unmask=True)
    shown = {}
    for site, one in line.ask(dict.fromkeys(asked.survivors, Told(asked)), Purpose.UNMASKING).items():
        word = line.word(site, one, UnmaskingShares, Purpose.UNMASKING)
        if word is not None:
            shown[site] = word[0]
    return opened_words(add_up(sheet, parts), shown)
