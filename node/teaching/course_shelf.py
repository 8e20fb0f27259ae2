"""The courses this release ships, read once from `courses/*.json`: drafts that wait for a hospital's own gold cases."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from node.teaching.course import Course

_DIRECTORY = Path(__file__).parent / "courses"


@cache
def shipped_courses() -> Mapping[str, Course]:
    """Every shipped course, by code."""
    read = (Course.model_validate_json(path.read_bytes()) for path in sorted(_DIRECTORY.glob("*.json")))
    return {course.code: course for course in read}
