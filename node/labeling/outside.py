"""Readings that came from outside: what another program or team said of a project's cases, in files of an export.

They stand beside the readings of the hospital's own people under the name of their source, are nobody's work here, and
count in no vote and no pay. Those that were taken as gold anchor what is estimated of readers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from node.labeling.reading import Answer

GOLD_SOURCE: Final = "gold"
"""The name under which shapes that are known to be true are kept."""
SOURCE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")
READER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""What a source and a reader of it may be called: codes, since free text could name a patient. Both together fit into
the one part of a person's name that DICOM has for them (PS3.5 section 6.2, PN).
"""
MARK_NAME: Final = re.compile(r"[mt][0-9]{1,6}")
"""What marks and things are called in an export: numbers, for the same reason."""
CASE_NAME: Final = re.compile(r"C-[A-Z2-7]{16}")
"""What a case is called in an export (`deidentify.pseudonyms`); a file's other word for one is never told."""
TRACKING_UID: Final = re.compile(r"(?=[0-9.]{1,64}\Z)(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")
"""The UID of a thing in a file. It is no name of ours, so it is not kept. Source: PS3.5 section 9.1."""


@dataclass(frozen=True, slots=True)
class OutsideReading:
    """What one reader of a source said of a case."""

    source: str
    author: str
    case_id: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class OutsideSource:
    """A source of a project, for its lead."""

    source: str
    readers: int
    cases: int
    readings: int
    imported_at: datetime
