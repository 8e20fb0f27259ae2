"""Readers are given own earlier cases again, and see how well they agree with themselves.

Repeats are made in deals alone, from the reader's own readings and the moment (`labeling.repeats`). The figure is the
reader's own, up to last Monday and from ten pairs on, so that it never tells which case was a repeat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from node.consensus.voted import said_to, voted_of
from node.flows.act import Act
from node.flows.ward import Ward, WardWork
from node.ground.ids import new_id
from node.labeling.errors import ProjectStateRefused
from node.labeling.project import GIVES_CASES, Project, ProjectState
from node.labeling.repeats import Repeats, due
from node.labeling.schema_shelf import schema_of

SHOWN_FROM: Final = 10
"""Pairs."""


@dataclass(frozen=True, slots=True)
class OwnAgreement:
    """How often the reader said the same of a case both times."""

    project_id: str
    title: str
    voted: str
    cases: int
    share: float
    kappa: float | None
    """Beyond chance; none where only one answer was ever given."""


@dataclass(frozen=True, slots=True)
class OwnAgreements:
    """The own figures of what was submitted before `until`."""

    until: datetime
    figures: list[OwnAgreement]


def repeats_of(ward: Ward, project_id: str) -> Repeats | None:
    """What the project repeats. Raises: ProjectUnknown."""
    with ward.reading() as work:
        work.projects.by_id(project_id)
        return work.repeats.of_project(project_id)


def set_repeats(ward: Ward, project_id: str, repeats: Repeats | None, act: Act) -> None:
    """So much is repeated from the next deal on, or nothing more.

    Raises:
        ProjectUnknown, ProjectStateRefused: there is none such, or it is archived.
    """
    with ward.writing() as work:
        if work.deals.held_for_deal(project_id).state is ProjectState.ARCHIVED:
            raise ProjectStateRefused("an archived project stays as it is")
        work.repeats.set(project_id, repeats, act.event("project.repeats-set", f"project:{project_id}"))


def give_repeats(work: WardWork, project: Project, may_read: frozenset[str], act: Act) -> None:
    """What is due to be repeated waits in its readers' worklists, of those who may read here now."""
    repeats = work.repeats.of_project(project.project_id)
    if repeats is None or project.state not in GIVES_CASES:
        return
    submitted = work.repeats.submitted(project.project_id)
    own = {person_id: readings for person_id, readings in submitted.items() if person_id in may_read}
    found = due(repeats, own, work.repeats.made(project.project_id), act.now, new_id)
    if found:
        work.repeats.make(project.project_id, found, act.event("project.repeated", f"project:{project.project_id}"))


def images_behind(ward: Ward, image_ids: Sequence[str]) -> Mapping[str, str]:
    """Which stored image each of these is."""
    with ward.reading() as work:
        known = work.repeats.images(image_ids)
    return {image_id: known.get(image_id, image_id) for image_id in image_ids}


def own_agreement(ward: Ward, person_id: str, now: datetime) -> OwnAgreements:
    """The reader's self-agreement on everything voted on; none of fewer than ten pairs."""
    from node.consensus.quality import self_agreement  # numpy: no deal needs it

    until = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    with ward.reading() as work:
        pairs = _pairs(work, person_id, until)
        projects = {project_id: work.projects.by_id(project_id) for project_id, _ in pairs}
    figures = []
    for (project_id, voted), said in sorted(pairs.items()):
        project = projects[project_id]
        options = _options(project)[voted]
        found = self_agreement(said, options) if len(said) >= SHOWN_FROM else None
        if found is not None:
            about = (project_id, project.title, voted)
            figures.append(OwnAgreement(*about, cases=found.cases, share=found.share, kappa=found.kappa))
    return OwnAgreements(until, figures)


def _pairs(work: WardWork, person_id: str, until: datetime) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """What was said first and again, by project and what is voted on; abstentions are no answers."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for first, again in work.repeats.pairs(person_id, until):
        project = work.projects.by_id(first.project_id)
        for voted in voted_of(schema_of(project.schema_code, project.schema_version)):
            said = [one for both in (first, again) for one in said_to(voted, both) if one in voted.options]
            if len(said) == 2:
                found[first.project_id, voted.name].append((said[0] or "", said[1] or ""))
    return found


def _options(project: Project) -> dict[str, tuple[str, ...]]:
    schema = schema_of(project.schema_code, project.schema_version)
    return {voted.name: voted.options for voted in voted_of(schema)}
