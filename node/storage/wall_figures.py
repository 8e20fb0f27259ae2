"""What was measured of each model the first time, in `wall.db`; it is told again and never measured anew."""

from __future__ import annotations

import json

from sqlalchemy import Engine, and_, insert, select

from node.release.asked import Asked
from node.release.metrics import FigurePart, Figures
from node.storage.engine import writing
from node.storage.wall_tables import first_figures
from protocols.plans import MetricName


class WallFigures:
    """Implements `FirstFigures`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, asked: Asked, part: FigurePart, figures: Figures) -> Figures:
        """The figures kept for this plan, model and part: these, or those that were there first."""
        found = select(first_figures).where(
            and_(
                first_figures.c.plan_id == asked.plan_id,
                first_figures.c.model_sha256 == asked.model_sha256,
                first_figures.c.part == part.value,
            )
        )
        with writing(self._engine) as connection:
            row = connection.execute(found).one_or_none()
            if row is not None:
                return Figures(row.cases, {MetricName(name): value for name, value in json.loads(row.body).items()})
            connection.execute(
                insert(first_figures).values(
                    plan_id=asked.plan_id,
                    model_sha256=asked.model_sha256,
                    part=part.value,
                    cases=figures.cases,
                    body=json.dumps({name.value: value for name, value in figures.values.items()}),
                )
            )
            return figures
