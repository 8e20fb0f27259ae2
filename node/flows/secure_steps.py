"""A step of a secure round as the wall answers it: the state is stored first, then the bytes are sent like any other.

The approval was checked on receipt and is checked again in the transaction of the send, at every step. When it no
longer holds, the attempt's secrets are destroyed: what this hospital masked is then in a sum only if the list of
survivors was fixed before. A wall that restarted goes on from `round.db`; where that was lost or set back there is no
state, and the step is refused.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from node.flows.send import OwnSite, SendUnit, send
from node.ground.clock import Clock
from node.ground.logs import log
from node.release.bounds import Terms, members_needed
from node.release.budget import Reservation
from node.release.gate import pass_gate, seal_part
from node.release.outbox import Origin, Parcel
from node.release.promise import Outgoing, Promise
from node.release.refusals import ApprovalExpired, ApprovalMissing, ApprovalWithdrawn, PlanExpired
from node.release.secure.member import Asked, Member, SecureRounds
from node.release.secure.place import Place
from node.release.secure.state import Stage, ended, name_of
from node.release.secure.turns import Turns
from node.release.table import row_of_step
from node.release.update import RoundVector, carrying
from protocols.encoding import Wire
from protocols.plans import TrainingPlan
from protocols.roster import RosterRefused
from protocols.secret_shares import RandomBytes
from protocols.signing import PublicIdentity

APPROVAL_ENDED = (ApprovalMissing, ApprovalWithdrawn, ApprovalExpired, PlanExpired)
"""What ends an attempt that was begun under an approval."""


class PeerBook(Protocol):
    """Whom this hospital believes."""

    def believed(self, *, vouchers: int) -> Mapping[str, PublicIdentity]:
        """The members whose keys this hospital compared, or so many believed members did, by site, this hospital
        included; empty before there is a roster. Raises: RosterRefused.
        """
        ...


def vouchers_of(plan: TrainingPlan) -> int:
    """How many believed hospitals must have compared a key: one more than the plan takes for dishonest."""
    return plan.aggregation.colluders_c + 1


@dataclass(frozen=True, slots=True)
class SecureParts:
    """What secure rounds need beside what every round needs."""

    rounds: SecureRounds
    peers: PeerBook
    random_bytes: RandomBytes
    turns: Turns


def enough_believed(book: PeerBook | None, plan: TrainingPlan) -> bool:
    """Whether this hospital believes as many keys, its own included, as a run of the plan needs members."""
    return book is not None and len(_believed(book, plan)) >= members_needed(plan)


def _believed(book: PeerBook, plan: TrainingPlan) -> Mapping[str, PublicIdentity]:
    try:
        return book.believed(vouchers=vouchers_of(plan))
    except RosterRefused:
        log().warning("roster refused", reason="stored")
        return {}


class SecureSteps:
    """Answers steps one at a time, whoever asks."""

    def __init__(self, site: OwnSite, parts: SecureParts, unit: SendUnit, *, min_survivors: int, clock: Clock) -> None:
        self._site = site
        self._parts = parts
        self._unit = unit
        self._min_survivors = min_survivors
        self._clock = clock
        self._turn = threading.Lock()

    def answer(
        self, step: Asked, terms: Terms, reservation: Reservation | None, vector_of: Callable[[], RoundVector]
    ) -> bytes:
        """The sealed bytes that may leave in answer to a step; they are in the ledger.

        `reservation` is there for the step that trains; `vector_of` gives the round's one vector.

        Raises:
            InstructionRefused: the step is not taken, or the approval no longer holds.
        """
        with self._turn:
            member = Member(self._place(step, terms, reservation), terms.plan, self._parts.rounds, self._parts.turns)
            sealed = member.answer(step, lambda _model: vector_of())
            return self._sent(step, sealed, terms, reservation, vector_of)

    def end(self, step: Asked) -> None:
        """No secret of the round's attempt is left here."""
        with self._turn:
            state = self._parts.rounds.of_round(name_of(step.message.about))
            if state is not None and state.stage is not Stage.ENDED:
                self._parts.rounds.keep(ended(state), None)

    def _place(self, step: Asked, terms: Terms, reservation: Reservation | None) -> Place:
        identity = self._site.identity
        promise = Promise(identity.public.raw, self._site.site_id, terms, reservation, step.message.about)

        def sealed(message: Wire, blob: bytes) -> bytes:
            return pass_gate(Outgoing(message, blob), promise, identity).sealed

        return Place(
            site_id=self._site.site_id,
            believed=_believed(self._parts.peers, terms.plan),
            aggregation=terms.plan.aggregation,
            min_survivors=self._min_survivors,
            sealed=sealed,
            sealed_part=lambda part: seal_part(part, promise, identity),
            random_bytes=self._parts.random_bytes,
        )

    def _sent(
        self,
        step: Asked,
        sealed: bytes,
        terms: Terms,
        reservation: Reservation | None,
        vector_of: Callable[[], RoundVector],
    ) -> bytes:
        kind, row = row_of_step(step.act)
        about, vector = step.message.about, None if reservation is None else vector_of()
        parcel = Parcel(
            sealed=sealed,
            message_kind=kind,
            channel=row.channel,
            origin=Origin(about.plan_id, about.run_id, about.round, about.attempt, terms.approval.approval_id),
            released_at=self._clock.now(),
            answers=None if reservation is None else reservation.asked,
        )
        return send(self._unit, carrying(parcel, vector), needs_approval=row.needs_approval, clock=self._clock)
