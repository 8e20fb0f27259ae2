"""Whose readings of a project came in from outside."""

from __future__ import annotations

from node.flows.ward import Ward
from node.labeling.outside import OutsideSource


def outside_sources(ward: Ward, project_id: str) -> list[OutsideSource]:
    """Every source of the project, by name. Raises: ProjectUnknown."""
    with ward.reading() as work:
        work.projects.by_id(project_id)
        return work.outside.sources(project_id)
