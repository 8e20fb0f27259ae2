"""The line to the members of one secure attempt: whoever is silent, refuses or withdraws once is asked no more.

Every reply whose seal holds gets its receipt. No transaction is open while frames travel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from coordinator.flows.ask import WITHDRAWN, entitled
from coordinator.flows.receipts import receipt_for
from coordinator.flows.scene import Scene
from coordinator.rounds.courier import MessageType
from coordinator.rounds.instruction import Asked
from coordinator.rounds.participants import Participant
from coordinator.rounds.reply import ANSWERS_OTHER, NOT_SEALED, UNREADABLE
from coordinator.rounds.run import SILENT
from protocols.encoding import Wire, decode, encode
from protocols.errors import FrameRefused, SignatureRefused
from protocols.results import ErrorReport
from protocols.signing import Purpose, seal, unseal

W = TypeVar("W", bound=Wire)
STEP_SECONDS = 120.0
"""How long a step that trains nothing waits at most."""
_REPORT_BYTES_MAX = 65_536


@dataclass(frozen=True, slots=True)
class Told:
    """What one member is told in a step."""

    message: Wire
    blob: bytes = b""


@dataclass(slots=True)
class SecureLine:
    """One attempt's line. `outcomes` says of every member that is asked no more why."""

    scene: Scene
    asked: Asked
    present: Mapping[str, Participant]
    outcomes: dict[str, str] = field(default_factory=dict)

    def ask(self, told: Mapping[str, Told], purpose: Purpose, *, trains: bool = False) -> dict[str, bytes]:
        """What each of these members answered, sealed for the purpose, by site.

        Raises:
            CourierStopped: the engine ended the run.
            RunSuperseded: another ServerApp took the run up.
        """
        conductor, still = self.scene.conductor, [site for site in sorted(told) if site not in self.outcomes]
        kind: MessageType = "train" if trains else "query"
        deadline = float(self.scene.plan.round_deadline_seconds)
        frames = {self.present[site].node_id: (kind, self._sealed(told[site])) for site in still}
        replies = conductor.courier.exchange(frames, deadline if trains else min(deadline, STEP_SECONDS))
        answered = {site: replies.get(self.present[site].node_id) for site in still}
        found = {site: sealed for site, sealed in answered.items() if self._holds(site, sealed, purpose)}
        return self._received({site: sealed for site, sealed in answered.items() if sealed is not None}, set(found))

    def word(self, site: str, sealed: bytes, expected: type[W], purpose: Purpose) -> tuple[W, bytes] | None:
        """The message of an answer that `ask` gave, and its blob; nothing where it cannot be read or is another's."""
        try:
            message, blob = decode(unseal(sealed, self.present[site].site.identity, purpose), expected)
        except (SignatureRefused, FrameRefused):
            self.outcomes[site] = UNREADABLE
            return None
        if getattr(message, "site_id", None) != site:
            self.outcomes[site] = ANSWERS_OTHER
            return None
        return message, blob

    def _sealed(self, told: Told) -> bytes:
        return seal(encode(told.message, told.blob), self.scene.conductor.face.identity, Purpose.INSTRUCTION)

    def _holds(self, site: str, sealed: bytes | None, purpose: Purpose) -> bool:
        if sealed is None:
            self.outcomes[site] = SILENT
            return False
        try:
            unseal(sealed, self.present[site].site.identity, purpose)
        except SignatureRefused:
            self.outcomes[site] = self._refusal(site, sealed)
            return False
        return True

    def _refusal(self, site: str, sealed: bytes) -> str:
        try:
            frame = unseal(sealed, self.present[site].site.identity, Purpose.REFUSAL)
        except SignatureRefused:
            return NOT_SEALED
        try:
            report, _ = decode(frame, ErrorReport, max_bytes=_REPORT_BYTES_MAX)
        except FrameRefused:
            return UNREADABLE
        return report.code.value if report.site_id == site else ANSWERS_OTHER

    def _received(self, answered: Mapping[str, bytes], held: set[str]) -> dict[str, bytes]:
        """The answers that hold, of members whose approval still does; all that is theirs is receipted."""
        conductor, now = self.scene.conductor, self.scene.conductor.clock.now()
        with conductor.work.writing() as books:
            self.scene.owned(books)
            for site, sealed in answered.items():
                if self.outcomes.get(site) != NOT_SEALED:
                    receipt_for(books, site, sealed, conductor.face.identity, now=now)
            still = {one.site.site_id for one in entitled(books, self.asked, now)}
        for site in held - still:
            self.outcomes[site] = WITHDRAWN
        return {site: answered[site] for site in sorted(held & still)}
