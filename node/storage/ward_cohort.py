"""The labelled cases a plan may train on and be scored on, read from the ward."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, and_, or_, select

from node.labeling.cohort_row import CohortAsked, CohortRow
from node.labeling.schema_shelf import schema_of
from node.storage.engine import reading
from node.storage.ward_exclusions import SEEN
from node.storage.ward_projects import permission_of
from node.storage.ward_tables import case, case_image, consensus, project, project_case

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class WardCohort:
    """Implements `TrainingCases`."""

    engine: Engine

    def rows(self, asked: CohortAsked) -> list[CohortRow]:
        """One row per case with a label, in order of case_id; only of projects whose permission covers the partner.

        A case that is holdout in any project of the schema is holdout everywhere. A case with consensus in several
        projects counts once, by the one with most readings. A case of an excluded patient does not count.

        Raises:
            SchemaUnknown: this node does not have the schema.
        """
        question = schema_of(asked.schema_code, asked.schema_version).question(asked.question_code)
        targets = {} if question is None else {option.code: option.target for option in question.options}
        labelled = _labelled(asked).where(case.c.modality.in_([modality.upper() for modality in asked.modalities]))
        with reading(self.engine) as connection:
            covering = _covering(connection, asked.partner_id)
            images: dict[str, list[str]] = defaultdict(list)
            pairs = select(case_image.c.case_id, case_image.c.image_id)
            for image in connection.execute(pairs.order_by(case_image.c.case_id, case_image.c.position)):
                images[image.case_id].append(image.image_id)
            held = connection.execute(labelled).all()
        found = [row for row in held if row.project_id in covering]
        best: dict[str, CohortRow] = {}
        for row in _with_targets(found, targets, asked.min_readings, images):
            best.setdefault(row.case_id, row)
        held_out = {row.case_id for row in held if row.holdout}
        return [best[case_id] for case_id in sorted(best) if best[case_id].holdout or case_id not in held_out]

    def permitted(self, asked: CohortAsked) -> bool:
        """Whether any project over the schema that is asked for permits the partner."""
        of_schema = and_(project.c.schema_code == asked.schema_code, project.c.schema_version == asked.schema_version)
        with reading(self.engine) as connection:
            found = connection.scalars(select(project.c.project_id).where(of_schema)).all()
            return not _covering(connection, asked.partner_id).isdisjoint(found)

    def patients_of(self, case_ids: Collection[str]) -> dict[str, int]:
        """The patient's number of each of these cases that this node holds."""
        listed, known = sorted(case_ids), {}
        with reading(self.engine) as connection:
            for start in range(0, len(listed), _AT_ONCE):
                few = case.c.case_id.in_(listed[start : start + _AT_ONCE])
                rows = connection.execute(select(case.c.case_id, case.c.patient_number).where(few))
                known.update({row.case_id: row.patient_number for row in rows})
        return known

    def withheld(self, partner_id: str) -> frozenset[str]:
        """The cases that stand in projects, and in none whose permission covers the partner."""
        with reading(self.engine) as connection:
            covering = _covering(connection, partner_id)
            pairs = connection.execute(select(project_case.c.case_id, project_case.c.project_id)).all()
        covered = {row.case_id for row in pairs if row.project_id in covering}
        return frozenset(row.case_id for row in pairs) - covered


def _covering(connection: Connection, partner_id: str) -> frozenset[str]:
    """The projects whose permission covers the partner."""
    named = (project.c.project_id, project.c.permitted_use, project.c.permitted_partners)
    rows = connection.execute(select(*named))
    return frozenset(at for at, use, partners in rows if permission_of(use, partners).covers(partner_id))


def _labelled(asked: CohortAsked) -> Select[Any]:
    said = and_(
        consensus.c.project_id == project_case.c.project_id,
        consensus.c.case_id == project_case.c.case_id,
        consensus.c.question == asked.question_code,
    )
    return (
        select(
            case.c.case_id,
            case.c.patient_number,
            project_case.c.project_id,
            project_case.c.holdout,
            project_case.c.reference_option,
            consensus.c.option,
            consensus.c.posterior,
            (consensus.c.votes + consensus.c.abstentions).label("readings"),
        )
        .join_from(project_case, project, project.c.project_id == project_case.c.project_id)
        .join(case, case.c.case_id == project_case.c.case_id)
        .outerjoin(consensus, said)
        .where(project.c.schema_code == asked.schema_code, project.c.schema_version == asked.schema_version)
        .where(or_(project_case.c.holdout, consensus.c.option.is_not(None)), SEEN)
        .order_by(project_case.c.holdout.desc(), (consensus.c.votes + consensus.c.abstentions).desc())
    )


def _with_targets(
    found: Collection[Row[Any]], targets: dict[str, int | None], min_readings: int, images: dict[str, list[str]]
) -> Iterator[CohortRow]:
    for row in found:
        target = targets.get(row.reference_option if row.holdout else row.option)
        if target is None or not (row.holdout or row.readings >= min_readings):
            continue
        yield CohortRow(
            case_id=row.case_id,
            patient_number=row.patient_number,
            image_ids=tuple(images[row.case_id]),
            label=target,
            posterior=1.0 if row.holdout else row.posterior,
            readings=0 if row.holdout else row.readings,
            holdout=row.holdout,
        )
