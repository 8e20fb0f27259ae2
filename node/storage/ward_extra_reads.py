"""Extra reads in one transaction of the ward: which projects ask while unsure, and repeats.

A repeat is a case of its own in the tables, with images of its own, so that nothing a reader is shown or can ask for
is the first time's; `repeat_case` and `repeat_image` alone know what stands behind them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from node.consensus.adaptive import AdaptiveReads
from node.flows.extra_read_ports import KeptAdaptiveReads
from node.ground.audit import AuditEvent
from node.ground.ids import new_id
from node.labeling.assignment import AssignmentState
from node.labeling.reading import Reading
from node.labeling.repeats import Repeat, Repeats
from node.storage.audit import record
from node.storage.ward_adjudication_tables import ADJUDICATORS
from node.storage.ward_chain import ReadingRows
from node.storage.ward_exclusions import HIDDEN
from node.storage.ward_extra_read_tables import (
    REPEATED,
    adaptive_reads,
    extra_place,
    repeat_case,
    repeat_image,
    repeats,
)
from node.storage.ward_reading_tables import set_aside_reading
from node.storage.ward_tables import assignment, audit, case, case_image, project, reading


@dataclass(frozen=True, slots=True)
class AdaptiveRows:
    """The settings of one transaction."""

    connection: Connection

    def of(self, project_id: str) -> KeptAdaptiveReads | None:
        """The project's setting; none where every case is read equally often."""
        columns = (adaptive_reads, project.c.reads_per_case, project.c.reads_at_most)
        found = select(*columns).join_from(adaptive_reads, project).where(project.c.project_id == project_id)
        row = self.connection.execute(found).one_or_none()
        if row is None:
            return None
        return KeptAdaptiveReads(
            AdaptiveReads(row.bound, row.reads_per_case, row.reads_at_most, row.by_chance, row.places_each),
            bytes(row.key),
        )

    def set(self, project_id: str, kept: KeptAdaptiveReads | None, event: AuditEvent) -> None:
        """The project asks so, or of every case the same."""
        self.connection.execute(delete(adaptive_reads).where(adaptive_reads.c.project_id == project_id))
        if kept is not None:
            told = {"bound": kept.setting.bound, "by_chance": kept.setting.by_chance}
            values = {**told, "places_each": kept.setting.places_each, "key": kept.key}
            self.connection.execute(insert(adaptive_reads).values(project_id=project_id, **values))
        most = None if kept is None else kept.setting.at_most
        self.connection.execute(update(project).where(project.c.project_id == project_id).values(reads_at_most=most))
        record(self.connection, audit, event)

    def places(self, project_id: str) -> dict[str, bool]:
        """The extra places of the project, and which of them were given for doubt."""
        of_project = select(extra_place).join_from(extra_place, assignment).where(assignment.c.project_id == project_id)
        return {row.assignment_id: row.for_doubt for row in self.connection.execute(of_project)}


@dataclass(frozen=True, slots=True)
class RepeatRows:
    """The repeats of one transaction."""

    connection: Connection

    def of_project(self, project_id: str) -> Repeats | None:
        """The project's setting; none where nothing is repeated."""
        row = self.connection.execute(select(repeats).where(repeats.c.project_id == project_id)).one_or_none()
        return None if row is None else Repeats(row.share, row.after_days)

    def set(self, project_id: str, chosen: Repeats | None, event: AuditEvent) -> None:
        """So much is repeated from the next deal on, or nothing more."""
        self.connection.execute(delete(repeats).where(repeats.c.project_id == project_id))
        if chosen is not None:
            self.connection.execute(insert(repeats).values(project_id=project_id, **asdict(chosen)))
        record(self.connection, audit, event)

    def submitted(self, project_id: str) -> dict[str, dict[str, datetime]]:
        """When each person first read each case of the project, as far as that reading stands; no repeats."""
        first = (
            select(reading.c.person_id, reading.c.case_id, reading.c.submitted_at)
            .where(reading.c.project_id == project_id, reading.c.case_id.not_in(REPEATED))
            .where(reading.c.case_id.not_in(HIDDEN), reading.c.assignment_id.not_in(ADJUDICATORS))
            .where(reading.c.reading_id.not_in(select(set_aside_reading.c.reading_id)))
        )
        found: dict[str, dict[str, datetime]] = defaultdict(dict)
        for row in self.connection.execute(first):
            found[row.person_id][row.case_id] = row.submitted_at
        return dict(found)

    def made(self, project_id: str) -> dict[str, frozenset[str]]:
        """The cases that were repeated, by person."""
        found: dict[str, set[str]] = defaultdict(set)
        of_project = select(repeat_case).where(repeat_case.c.project_id == project_id)
        for row in self.connection.execute(of_project):
            found[row.person_id].add(row.of_case_id)
        return {person_id: frozenset(cases) for person_id, cases in found.items()}

    def make(self, project_id: str, made: Sequence[Repeat], event: AuditEvent) -> None:
        """Each repeat waits in its reader's worklist."""
        for one in made:
            self._copy(one)
            about = {"project_id": project_id, "person_id": one.person_id}
            kept = {"case_id": one.case_id, "of_case_id": one.of_case_id, "made_at": event.at}
            self.connection.execute(insert(repeat_case).values(**about, **kept))
            self.connection.execute(
                insert(assignment).values(
                    assignment_id=new_id(),
                    case_id=one.case_id,
                    position=one.position,
                    state=AssignmentState.WAITING.value,
                    **about,
                )
            )
        record(self.connection, audit, event)

    def pairs(self, person_id: str, until: datetime) -> list[tuple[Reading, Reading]]:
        """The person's first reading of a case and that of its repeat, where both stand and came before a moment."""
        first, second = reading.alias(), reading.alias()
        aside = select(set_aside_reading.c.reading_id)
        found = (
            select(first.c.assignment_id, second.c.assignment_id.label("again"))
            .join_from(repeat_case, second, second.c.case_id == repeat_case.c.case_id)
            .join(first, first.c.case_id == repeat_case.c.of_case_id)
            .where(first.c.person_id == person_id, first.c.project_id == repeat_case.c.project_id)
            .where(repeat_case.c.person_id == person_id, second.c.submitted_at < until)
            .where(first.c.reading_id.not_in(aside), second.c.reading_id.not_in(aside))
            .order_by(second.c.chain_number)
        )
        rows, both = ReadingRows(self.connection), []
        for row in self.connection.execute(found).all():
            before, again = rows.of_assignment(row.assignment_id), rows.of_assignment(row.again)
            if before is not None and again is not None:
                both.append((before, again))
        return both

    def original(self, case_id: str) -> str:
        """The case that stands behind this one: itself, where it is no repeat."""
        found = select(repeat_case.c.of_case_id).where(repeat_case.c.case_id == case_id)
        return self.connection.scalar(found) or case_id

    def images(self, image_ids: Sequence[str]) -> Mapping[str, str]:
        """The image that stands behind each of a repeat's images."""
        rows = self.connection.execute(select(repeat_image).where(repeat_image.c.image_id.in_(image_ids)))
        return {row.image_id: row.of_image_id for row in rows}

    def _copy(self, one: Repeat) -> None:
        """The case stands there a second time, with images and a study of new names."""
        row = self.connection.execute(select(case).where(case.c.case_id == one.of_case_id)).one()
        again = {"case_id": one.case_id, "study_uid": one.case_id, "part": 1}
        self.connection.execute(insert(case).values(**{**row._asdict(), **again}))
        images = self.connection.execute(select(case_image).where(case_image.c.case_id == one.of_case_id)).all()
        names = {image.image_id: new_id() for image in images}
        copies = [{**image._asdict(), "image_id": names[image.image_id], "case_id": one.case_id} for image in images]
        self.connection.execute(insert(case_image), copies)
        behind = [{"image_id": name, "of_image_id": image_id} for image_id, name in names.items()]
        self.connection.execute(insert(repeat_image), behind)
