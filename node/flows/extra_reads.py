"""A lead says that the next reader is asked only while consensus is less sure than a bound, or ends that.

What follows from it happens in deals alone (`flows.deal_while_unsure`). The lead sees what an extra reading could at
most tell its reader.
"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass

from node.consensus.adaptive import KEY_BYTES, AdaptiveReads
from node.consensus.errors import AdaptiveReadsRefused
from node.flows.act import Act
from node.flows.deal_while_unsure import close_now, fused_cases
from node.flows.extra_read_ports import KeptAdaptiveReads
from node.flows.ward import Ward, WardWork
from node.labeling.assignment import AssignmentState
from node.labeling.errors import ProjectStateRefused
from node.labeling.project import MAX_READS_PER_CASE, Project, ProjectState


@dataclass(frozen=True, slots=True)
class ExtraReads:
    """A project's setting, for its lead; none where every case is read equally often."""

    setting: AdaptiveReads | None
    places: int
    """How many extra places were given so far."""
    told: float
    """What an extra reading could at most tell its reader: the share of them that were given for doubt."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a lead asks for: see `AdaptiveReads`."""

    bound: float
    at_most: int
    by_chance: float
    places_each: int


def extra_reads_of(ward: Ward, project_id: str) -> ExtraReads:
    """How the project asks for extra readings. Raises: ProjectUnknown."""
    with ward.reading() as work:
        work.projects.by_id(project_id)
        return _told(work, project_id)


def checked(project: Project, asked: Asked) -> AdaptiveReads:
    """The setting of a project. Raises: AdaptiveReadsRefused where its numbers are not in order."""
    if asked.at_most > MAX_READS_PER_CASE:
        raise AdaptiveReadsRefused("too many readings")
    try:
        least = project.reads_per_case
        return AdaptiveReads(asked.bound, least, asked.at_most, asked.by_chance, asked.places_each)
    except ValueError:
        raise AdaptiveReadsRefused("numbers not in order") from None


def set_extra_reads(ward: Ward, project_id: str, asked: Asked | None, act: Act) -> ExtraReads:
    """The project asks so from its next deal on, or as often as before.

    Raises:
        ProjectUnknown: there is none such.
        ProjectStateRefused: it is archived.
        AdaptiveReadsRefused: the numbers are not in order.
    """
    with ward.writing() as work:
        project = work.deals.held_for_deal(project_id)
        if project.state is ProjectState.ARCHIVED:
            raise ProjectStateRefused("an archived project stays as it is")
        kept = None
        if asked is not None:
            before = work.adaptive.of(project_id)
            key = secrets.token_bytes(KEY_BYTES) if before is None else before.key
            kept = KeptAdaptiveReads(checked(project, asked), key)
        elif project.reads_at_most is not None:
            _close_all(work, project, act)
        work.adaptive.set(project_id, kept, act.event("project.extra-reads-set", f"project:{project_id}"))
        return _told(work, project_id)


def _close_all(work: WardWork, project: Project, act: Act) -> None:
    """Cases with all the readings that every case wants are closed, now that none wants more."""
    read = Counter(
        place.case_id for place in work.deals.of_project(project.project_id) if place.state is AssignmentState.SUBMITTED
    )
    open_now = work.deals.open_case_ids(project.project_id)
    done = [case_id for case_id in open_now if read[case_id] >= project.reads_per_case]
    for case_id, _, fused in fused_cases(work, project, done):
        close_now(work, project, case_id, fused, act)


def _told(work: WardWork, project_id: str) -> ExtraReads:
    kept = work.adaptive.of(project_id)
    if kept is None:
        return ExtraReads(None, 0, 0.0)
    asked = work.adaptive.places(project_id)
    return ExtraReads(kept.setting, len(asked), sum(asked.values()) / len(asked) if asked else 0.0)
