"""A case all of whose readings are in, with what they say together; for the lead's eyes."""

from __future__ import annotations

from dataclasses import dataclass

from node.consensus.vote import QuestionConsensus
from node.labeling.reading import Reading


@dataclass(frozen=True, slots=True)
class ClosedCase:
    """One closed case."""

    case_id: str
    consensus: tuple[QuestionConsensus, ...]
    readings: tuple[Reading, ...]
