"""A hospital's archive as pulling sees it: studies it lists, and what it sends when asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from node.flows.pull_ports import ListedInstance
from node.intake.cohort_query import CohortQuery
from node.intake.errors import SourceTrouble


@dataclass
class PlayedSource:
    """Implements `StudySource`. `sends` delivers one image; each fetch delivers at most `at_most`."""

    studies: dict[str, list[str]]
    sends: Callable[[str], object]
    at_most: int = 1000
    troubles: list[str] = field(default_factory=list)
    """Codes that the next calls fail with, first come first."""
    asked: list[tuple[str, int, bool]] = field(default_factory=list)

    def find(self, query: CohortQuery) -> Iterator[str]:
        self._trouble()
        yield from self.studies

    def instances(self, study_uid: str, query: CohortQuery) -> Sequence[ListedInstance]:
        self._trouble()
        return [ListedInstance(f"{study_uid}.1", uid) for uid in self.studies[study_uid]]

    def fetch(self, study_uid: str, missing: Sequence[ListedInstance], *, whole: bool) -> None:
        self.asked.append((study_uid, len(missing), whole))
        for one in missing[: self.at_most]:
            self.sends(one.instance_uid)
        self._trouble()

    def _trouble(self) -> None:
        if self.troubles and (code := self.troubles.pop(0)):
            raise SourceTrouble(code)
