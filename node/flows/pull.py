"""Pulling: a saved query becomes studies, each study is fetched until every image the source lists is here.

What is here is known by comparing the source's list, image by image, with what was received; so a fetch that broke off
goes on with what is missing, and nothing is asked for twice. A failure is tried again after one, two, four … minutes,
give or take a quarter so that many do not come back at once; after the last attempt the study is given up, said so,
and waits for a person. Outside a source's hours nothing is begun; what is under way is finished.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from threading import BoundedSemaphore
from typing import Final

from node.flows.clean_endings import JOBS
from node.flows.jobs import MAX_ATTEMPTS, Job, PutBack
from node.flows.pull_ports import (
    FoundStudy,
    ListedInstance,
    Pull,
    PullBook,
    PullState,
    PullStudy,
    StudyEnd,
    StudySource,
    StudyState,
    Tally,
)
from node.ground.audit import AuditEvent
from node.ground.clock import Clock
from node.ground.ids import new_id
from node.intake.errors import SourceTrouble, StoreFull
from node.intake.hours import Hours
from node.intake.lookups import Lookups
from node.intake.sealing import Sealer

FIND_KIND: Final = "pull_find"
STUDY_KIND: Final = "pull_study"
_AT_ONCE: Final = 200
_LONGEST_WAIT: Final = timedelta(hours=2)
_NO_ROOM_WAIT: Final = timedelta(minutes=10)
_ROWS_FOLLOW: Final = (0.1, 0.4, 1.0, 2.0)
"""Images are answered before their rows stand; so many seconds later, one look after the other, they do."""


@dataclass(frozen=True, slots=True)
class OpenSource:
    """A source as it may be used."""

    line: StudySource
    hours: Hours | None
    at_once: int


@dataclass(frozen=True, slots=True)
class PullParts:
    """What pulling is made of."""

    book: PullBook
    sources: Mapping[str, OpenSource]
    lookups: Lookups
    identities: Sealer
    clock: Clock
    chance: random.Random
    pause: Callable[[float], object]


class Finding:
    """The work of asking sources for the studies of a saved query."""

    def __init__(self, parts: PullParts) -> None:
        self._parts = parts

    def __call__(self, jobs: Sequence[Job]) -> Sequence[PutBack]:
        """Every query was answered, given up, or is put back."""
        return [back for back in map(self._find, jobs) if back is not None]

    def _find(self, job: Job) -> PutBack | None:
        parts, pull = self._parts, self._parts.book.pull(job.subject)
        try:
            source = _open_source(parts, pull)
            if (later := _closed_until(parts, source)) is not None:
                return PutBack(job.number, "outside_hours", later, counted=False)
            self._add_all(pull, source.line.find(pull.query))
        except SourceTrouble as trouble:
            if job.attempt < MAX_ATTEMPTS:
                return _again(parts, job, trouble.code)
            ended = _event(parts, f"pull:{pull.pull_id}", "pull.failed", trouble.code)
            parts.book.end_asking(pull, job.number, PullState.FAILED, ended)
        else:
            asked = _event(parts, f"pull:{pull.pull_id}", "pull.asked")
            parts.book.end_asking(pull, job.number, PullState.FETCHING, asked)
        return None

    def _add_all(self, pull: Pull, uids: Iterable[str]) -> None:
        rest = iter(uids)
        while some := sorted(set(islice(rest, _AT_ONCE))):
            found = [self._study(uid) for uid in some]
            self._parts.book.add_found(pull, found, _event(self._parts, f"pull:{pull.pull_id}", "pull.found"))

    def _study(self, uid: str) -> FoundStudy:
        study_id = new_id()
        sealed = self._parts.identities.seal(uid.encode(), bound_to=f"pull_study:{study_id}")
        return FoundStudy(study_id, self._parts.lookups.instance(uid), sealed)


class Fetching:
    """The work of fetching studies, several at once where their source allows it."""

    def __init__(self, parts: PullParts) -> None:
        self._parts = parts
        self._places = {name: BoundedSemaphore(source.at_once) for name, source in parts.sources.items()}

    def __call__(self, jobs: Sequence[Job]) -> Sequence[PutBack]:
        """Every study is done, given up, or put back."""
        with ThreadPoolExecutor(max(len(jobs), 1), thread_name_prefix="pull") as pool:
            return [back for back in pool.map(self._fetch, jobs) if back is not None]

    def _fetch(self, job: Job) -> PutBack | None:
        parts, study = self._parts, self._parts.book.study(job.subject)
        tally = Tally(0, 0)
        try:
            source = _open_source(parts, study.pull)
            with self._places[study.pull.source]:
                if (later := _closed_until(parts, source)) is not None:
                    return PutBack(job.number, "outside_hours", later, counted=False)
                tally = self._complete(study, source.line)
            if tally.code:
                raise SourceTrouble(tally.code)
        except StoreFull:
            return PutBack(job.number, "store_full", parts.clock.now() + _NO_ROOM_WAIT, counted=False)
        except SourceTrouble as trouble:
            told = Tally(tally.expected, tally.arrived, trouble.code)
            if job.attempt < MAX_ATTEMPTS:
                parts.book.note(study.study_id, told)
                return _again(parts, job, trouble.code)
            given_up = _event(parts, f"pull_study:{study.study_id}", "pull.given_up", trouble.code)
            parts.book.end_study(study.study_id, job.number, StudyEnd(StudyState.DEAD, told, given_up))
        else:
            done = _event(parts, f"pull_study:{study.study_id}", "pull.fetched")
            parts.book.end_study(study.study_id, job.number, StudyEnd(StudyState.DONE, tally, done))
        return None

    def _complete(self, study: PullStudy, line: StudySource) -> Tally:
        """How the study stands after what was missing has been asked for."""
        sealed_under = f"pull_study:{study.study_id}"
        uid = self._parts.identities.open(study.sealed_uid, bound_to=sealed_under).decode()
        listed = line.instances(uid, study.pull.query)
        missing, code = self._missing(listed), ""
        if missing:
            whole = len(missing) == len(listed) and not study.pull.query.names_series
            try:
                line.fetch(uid, missing, whole=whole)
            except SourceTrouble as trouble:
                code = trouble.code
            missing = self._still_missing(listed, hopeless=bool(code))
        return Tally(len(listed), len(listed) - len(missing), (code or "incomplete") if missing else "")

    def _still_missing(self, listed: Sequence[ListedInstance], *, hopeless: bool) -> Sequence[ListedInstance]:
        missing = self._missing(listed)
        for seconds in _ROWS_FOLLOW[: 1 if hopeless else None]:
            if not missing:
                break
            self._parts.pause(seconds)
            missing = self._missing(listed)
        return missing

    def _missing(self, listed: Sequence[ListedInstance]) -> Sequence[ListedInstance]:
        lookups = {one.instance_uid: self._parts.lookups.instance(one.instance_uid) for one in listed}
        here = self._parts.book.here(list(lookups.values()))
        return [one for one in listed if lookups[one.instance_uid] not in here]


def _open_source(parts: PullParts, pull: Pull) -> OpenSource:
    if pull.source not in parts.sources:
        raise SourceTrouble("source_unknown")
    return parts.sources[pull.source]


def _closed_until(parts: PullParts, source: OpenSource) -> datetime | None:
    """When the source opens; None while it is open."""
    now = parts.clock.now()
    opens = now if source.hours is None else source.hours.opens_at(now)
    return opens if opens > now else None


def _again(parts: PullParts, job: Job, code: str) -> PutBack:
    wait = min(timedelta(minutes=2 ** (job.attempt - 1)), _LONGEST_WAIT) * parts.chance.uniform(0.75, 1.25)
    return PutBack(job.number, code, parts.clock.now() + wait, counted=True)


def _event(parts: PullParts, subject: str, action: str, reason: str = "") -> AuditEvent:
    return AuditEvent(parts.clock.now(), JOBS, action, subject, reason)
