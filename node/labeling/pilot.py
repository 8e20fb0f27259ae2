"""The pilot of a project: 20 to 50 reads on cases drawn by hash, before the many.

The cases follow from the project's identifier, so that nobody chooses easy ones, and a pilot begun again has the same.
Pilot reads are paid like any other and stay in the project.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Final

from node.labeling.errors import PilotRefused

FEWEST_READS: Final = 20
MOST_READS: Final = 50


def pilot_cases(project_id: str, case_ids: Collection[str], *, reads: int, reads_per_case: int) -> list[str]:
    """So many cases that their readings are at least `reads`, fewer where that would be over the most.

    Raises:
        PilotRefused: not 20 to 50 reads, or the project has too few cases for 20.
    """
    if not FEWEST_READS <= reads <= MOST_READS:
        raise PilotRefused(f"a pilot has {FEWEST_READS} to {MOST_READS} reads")
    wanted = min(-(-reads // reads_per_case), MOST_READS // reads_per_case)
    drawn = sorted(case_ids, key=lambda case_id: _score(project_id, case_id))[:wanted]
    if len(drawn) * reads_per_case < FEWEST_READS:
        raise PilotRefused(f"the project's cases give fewer than {FEWEST_READS} reads")
    return drawn


def _score(project_id: str, case_id: str) -> bytes:
    return hashlib.blake2b(f"pilot/{project_id}/{case_id}".encode("ascii"), digest_size=8).digest()
