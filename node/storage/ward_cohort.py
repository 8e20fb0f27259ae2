"""The labelled cases a plan may train on and be scored on, read from the ward."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, Select, and_, or_, select

from node.labeling.cohort_row import CohortRow
from node.labeling.schema_shelf import schema_of
from node.storage.engine import reading
from node.storage.ward_tables import case, case_image, consensus, project, project_case


@dataclass(frozen=True, slots=True)
class WardCohort:
    """Implements `TrainingCases`."""

    engine: Engine

    def rows(
        self,
        *,
        schema_code: str,
        schema_version: int,
        question_code: str,
        modalities: Collection[str],
        min_readings: int,
    ) -> list[CohortRow]:
        """One row per case with a label, in order of case_id.

        A case that is holdout in any project of the schema is holdout everywhere. A case with consensus in several
        projects counts once, by the one with most readings.

        Raises:
            SchemaUnknown: this node does not have the schema.
        """
        question = schema_of(schema_code, schema_version).question(question_code)
        targets = {} if question is None else {option.code: option.target for option in question.options}
        labelled = _labelled(schema_code, schema_version, question_code)
        labelled = labelled.where(case.c.modality.in_([modality.upper() for modality in modalities]))
        with reading(self.engine) as connection:
            images: dict[str, list[str]] = defaultdict(list)
            pairs = select(case_image.c.case_id, case_image.c.image_id)
            for image in connection.execute(pairs.order_by(case_image.c.case_id, case_image.c.position)):
                images[image.case_id].append(image.image_id)
            found = connection.execute(labelled).all()
        best: dict[str, CohortRow] = {}
        for row in _with_targets(found, targets, min_readings, images):
            best.setdefault(row.case_id, row)
        held_out = {row.case_id for row in found if row.holdout}
        return [best[case_id] for case_id in sorted(best) if best[case_id].holdout or case_id not in held_out]


def _labelled(schema_code: str, schema_version: int, question_code: str) -> Select[Any]:
    said = and_(
        consensus.c.project_id == project_case.c.project_id,
        consensus.c.case_id == project_case.c.case_id,
        consensus.c.question == question_code,
    )
    return (
        select(
            case.c.case_id,
            case.c.patient_number,
            project_case.c.holdout,
            project_case.c.reference_option,
            consensus.c.option,
            consensus.c.posterior,
            (consensus.c.votes + consensus.c.abstentions).label("readings"),
        )
        .join_from(project_case, project, project.c.project_id == project_case.c.project_id)
        .join(case, case.c.case_id == project_case.c.case_id)
        .outerjoin(consensus, said)
        .where(project.c.schema_code == schema_code, project.c.schema_version == schema_version)
        .where(or_(project_case.c.holdout, consensus.c.option.is_not(None)))
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
