"""Figures and refusals that may leave: metrics of the closed list, counts that hide small cells, codes."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from protocols.encoding import Digest, Wire
from protocols.errors import RefusalCode
from protocols.ids import Uuid
from protocols.instructions import Attempt, RoundNumber
from protocols.updates import Metric

MIN_COUNT = 5
"""Counts below this leave as nothing (suppressed)."""


class EvaluationResult(Wire):
    """What a node measured on its own validation part; nothing about single cases."""

    kind: ClassVar[str] = "evaluation-result"
    version: ClassVar[int] = 1

    site_id: Uuid
    plan_id: Uuid
    run_id: Uuid
    round: RoundNumber
    attempt: Attempt
    model_sha256: Digest
    cases: Annotated[int, Field(ge=MIN_COUNT)] | None
    metrics: Annotated[tuple[Metric, ...], Field(max_length=16)]


class ErrorReport(Wire):
    """A node's refusal of one instruction: a code, never a text."""

    kind: ClassVar[str] = "error-report"
    version: ClassVar[int] = 1

    site_id: Uuid
    plan_id: Uuid | None
    run_id: Uuid | None
    round: RoundNumber | None
    attempt: Attempt | None
    code: RefusalCode
