"""What the wall answers an instruction with: an update, figures or a refusal; always bytes that are in the ledger.

The order is fixed. On receipt: the seal, the approval, the plan's and the approval's bounds, architecture and schema,
the model's digest; then room in the budget, reserved durably. Then the work; a private training is charged to its
patients before it starts. At the door: the gate. Then one
transaction (`node.flows.send`). Bytes stored for the same exchange are the answer again, as long as the approval holds.
A step of a secure round goes the same way (`node.flows.secure_steps`); its update leaves under its mask alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from node.flows.answer_stores import AnswerStores
from node.flows.round_work import RoundWork
from node.flows.secure_steps import APPROVAL_ENDED, SecureSteps
from node.flows.send import WALL, OwnSite, parcel_of, send
from node.ground.audit import AuditEvent
from node.ground.clock import Clock
from node.ground.errors import NodeError
from node.ground.logs import log
from node.release.approvals import in_force
from node.release.asked import Asked, Exchange
from node.release.bounds import (
    Terms,
    check_acceptable,
    check_asked,
    check_mode,
    check_period,
    check_schema,
    model_norm_bound,
)
from node.release.budget import Reservation
from node.release.gate import pass_gate
from node.release.instruction import Instruction, read_instruction
from node.release.metrics import Figures, by_part, narrowed, together
from node.release.outbox import Origin
from node.release.promise import Outgoing, Promise
from node.release.refusals import (
    ApprovalMissing,
    GateRefused,
    InstructionRefused,
    MessageNotUnderstood,
    NodeStopped,
    OutsideApproval,
    WorkFailed,
)
from node.release.report import error_report, evaluation_result
from node.release.secure.member import Asked as Step
from node.release.secure.next_models import NextModels, moments_names, rounds_name, start_name
from node.release.secure.refusals import SecureRefused
from node.release.secure.state import Act
from node.release.tensors import read_model
from node.release.update import RawUpdate, RoundVector, carrying, door, update_message, within
from node.training.weights import Tensors
from protocols.errors import RefusalCode


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """The hospital's own limits, and how it learns that it is stopping."""

    min_survivors: int
    stopping: Callable[[], bool]


class Answering:
    """Answers instructions; safe to call from several threads."""

    def __init__(
        self, site: OwnSite, stores: AnswerStores, work: RoundWork, *, rules: AnswerRules, clock: Clock
    ) -> None:
        self._site = site
        self._stores = stores
        self._work = work
        self._rules = rules
        self._clock = clock
        self._steps = _steps(site, stores, rules, clock)
        turns = None if stores.secure is None else stores.secure.turns
        self._next = NextModels(stores.models, rules.min_survivors, turns)

    def answer(self, message_type: str, sealed: bytes) -> bytes:
        """The sealed bytes that may leave in answer to a sealed instruction; they are in the ledger.

        Raises:
            GateRefused: not even a refusal may leave; then nothing does.
        """
        try:
            instruction = read_instruction(message_type, sealed, self._site.coordinator)
        except MessageNotUnderstood:
            return self.refuse(RefusalCode.MESSAGE_REFUSED)
        try:
            step = instruction.step
            return self._answered(instruction) if step is None else self._stepped(instruction, step)
        except InstructionRefused as refusal:
            _log_refusal(instruction.asked, refusal)
            return self.refuse(refusal.code, instruction.asked)
        except NodeError as failure:
            log().error("answer failed", error_type=type(failure).__name__, run_id=instruction.asked.run_id)
            return self.refuse(WorkFailed.code, instruction.asked)

    def refuse(self, code: RefusalCode, asked: Asked | None = None) -> bytes:
        """The sealed refusal that leaves in place of an answer; it is in the ledger.

        Raises:
            GateRefused: it may not leave.
        """
        message = error_report(self._site.site_id, code, asked)
        passed = pass_gate(Outgoing(message), self._promise(), self._site.identity)
        parcel = parcel_of(passed, _origin(asked, None), self._clock.now())
        return send(self._stores.unit, parcel, needs_approval=passed.row.needs_approval, clock=self._clock)

    def _answered(self, instruction: Instruction) -> bytes:
        asked = instruction.asked
        terms = self._admitted(asked)
        if asked.exchange is Exchange.TRAIN:
            check_mode(terms.plan, secure=False)
        reservation, model = self._received(instruction, terms)
        sealed = self._stores.answers.answer_to(asked)
        if sealed is None:
            sealed = self._worked(terms, reservation, model)
        if asked.exchange is Exchange.FINAL:
            self._stores.verdicts.ask(asked, self._event("verdict.asked", asked))
        return sealed

    def _stepped(self, instruction: Instruction, step: Step) -> bytes:
        """The answer to a step of a secure round; secrets of an attempt whose approval ended do not stay."""
        if self._steps is None:
            raise OutsideApproval("secure aggregation is not offered by this release")
        try:
            terms = self._admitted(instruction.asked)
            check_mode(terms.plan, secure=True)
            self._check_made_here(self._steps, instruction, step, terms)
            if step.act is not Act.MASK:
                return self._steps.answer(step, terms, None, _no_vector)
            reservation, model = self._received(instruction, terms)
            return self._steps.answer(step, terms, reservation, lambda: self._vector(terms, reservation, model))
        except APPROVAL_ENDED:
            self._steps.end(step)
            raise

    def _check_made_here(self, steps: SecureSteps, instruction: Instruction, step: Step, terms: Terms) -> None:
        """Return when the step is about the model this hospital made itself. Raises: SecureRefused."""
        try:
            self._next.hold(step, instruction.blob, terms.plan)
        except SecureRefused as refused:
            if refused.ends_attempt:
                steps.end(step)
            raise

    def _received(self, instruction: Instruction, terms: Terms) -> tuple[Reservation, Tensors]:
        """Room for the exchange, and the model it brought."""
        asked, plan = instruction.asked, terms.plan
        model = read_model(plan.model, instruction.blob, sha256=asked.model_sha256, norm_bound=model_norm_bound(plan))
        reservation = self._reserved(asked, terms)
        self._keep_model(asked, model)
        return reservation, model

    def _worked(self, terms: Terms, reservation: Reservation, model: Tensors) -> bytes:
        try:
            match reservation.asked.exchange:
                case Exchange.TRAIN:
                    return self._update(terms, reservation, model)
                case Exchange.EVALUATE | Exchange.FINAL:
                    return self._result(terms, reservation, model)
                case Exchange.AGREE:
                    raise MessageNotUnderstood("a step without a model needs no work")
        except InstructionRefused:
            self._check_still_approved(terms.plan.plan_id)
            self._check_running()
            raise

    def _admitted(self, asked: Asked) -> Terms:
        """Plan and approval, once the exchange is inside both."""
        now = self._clock.now()
        known = self._stores.plans.approved(asked.plan_id)
        if known is None:
            raise ApprovalMissing("no approval names this plan")
        terms = Terms(known.offered, in_force(known.held, now))
        check_period(terms.plan, now)
        check_asked(asked, terms)
        check_acceptable(terms.plan, min_survivors=self._rules.min_survivors, secure=self._steps is not None)
        check_schema(terms.plan)
        return terms

    def _reserved(self, asked: Asked, terms: Terms) -> Reservation:
        event = self._event("budget.reserved", asked)
        return self._stores.budget.reserve(asked, terms.approval, event, privacy=terms.capped.privacy)

    def _charged(self, reservation: Reservation, terms: Terms) -> Reservation:
        """The reservation with what training may spend of the patients: room in a second budget, as durable."""
        event = self._event("patients.charged", reservation.asked)
        return replace(reservation, charge=self._stores.patients.charge(terms.capped, reservation.asked, event))

    def _keep_model(self, asked: Asked, model: Tensors) -> None:
        if asked.exchange is Exchange.TRAIN and asked.round == 1:
            self._stores.models.keep(start_name(asked.plan_id), model)
        if asked.exchange is Exchange.FINAL:
            self._stores.models.keep(final_name(asked.run_id), model)
            self._stores.models.clear(rounds_name(asked.plan_id))
            self._stores.models.clear(moments_names(asked.plan_id))

    def _update(self, terms: Terms, reservation: Reservation, model: Tensors) -> bytes:
        vector = self._vector(terms, reservation, model)
        message, blob = update_message(vector, terms.plan, reservation=reservation, site_id=self._site.site_id)
        return self._sent(Outgoing(message, blob), terms, reservation, vector=vector)

    def _vector(self, terms: Terms, reservation: Reservation, model: Tensors) -> RoundVector:
        """The round's one vector: kept before, or trained now."""
        vector = self._stores.vectors.kept(reservation.asked)
        if vector is None:
            charged = self._charged(reservation, terms)
            raw = self._measured_once(self._work.raw_update(terms, charged, model), reservation.asked)
            self._check_running()
            vector = self._stores.vectors.keep(reservation.asked, door(raw, terms.plan, charged))
        return within(vector, terms.metrics)

    def _result(self, terms: Terms, reservation: Reservation, model: Tensors) -> bytes:
        figures = self._first(self._work.figures(terms, reservation, model), reservation.asked)
        self._check_running()
        told = narrowed(figures, terms.metrics)
        message = evaluation_result(reservation, told, terms.plan, site_id=self._site.site_id)
        return self._sent(Outgoing(message), terms, reservation)

    def _measured_once(self, raw: RawUpdate, asked: Asked) -> RawUpdate:
        return replace(
            raw, figures=self._first(raw.figures, asked), training_figures=self._first(raw.training_figures, asked)
        )

    def _first(self, figures: Figures, asked: Asked) -> Figures:
        """What was told of this model before, part by part; what is measured now where nothing was."""
        kept = [self._stores.figures.keep(asked, part, found) for part, found in by_part(figures).items()]
        return together(kept) if kept else figures

    def _sent(
        self, outgoing: Outgoing, terms: Terms, reservation: Reservation, *, vector: RoundVector | None = None
    ) -> bytes:
        passed = pass_gate(outgoing, self._promise(terms, reservation), self._site.identity)
        parcel = parcel_of(passed, _origin(reservation.asked, reservation.approval_id), self._clock.now())
        parcel = carrying(replace(parcel, answers=reservation.asked), vector)
        return send(self._stores.unit, parcel, needs_approval=passed.row.needs_approval, clock=self._clock)

    def _promise(self, terms: Terms | None = None, reservation: Reservation | None = None) -> Promise:
        return Promise(self._site.identity.public.raw, self._site.site_id, terms, reservation)

    def _check_running(self) -> None:
        if self._rules.stopping():
            raise NodeStopped("the node is stopping")

    def _check_still_approved(self, plan_id: str) -> None:
        known = self._stores.plans.approved(plan_id)
        in_force(None if known is None else known.held, self._clock.now())

    def _event(self, action: str, asked: Asked) -> AuditEvent:
        subject = f"run:{asked.run_id}/{asked.exchange.value}/{asked.round}/{asked.attempt}"
        return AuditEvent(at=self._clock.now(), actor=WALL, action=action, subject=subject)


def final_name(run_id: str) -> str:
    """The shelf's name for the model a run ended with."""
    return f"{run_id}.final"


def _origin(asked: Asked | None, approval_id: str | None) -> Origin:
    if asked is None:
        return Origin()
    return Origin(asked.plan_id, asked.run_id, asked.round, asked.attempt, approval_id)


def _steps(site: OwnSite, stores: AnswerStores, rules: AnswerRules, clock: Clock) -> SecureSteps | None:
    if stores.secure is None:
        return None
    return SecureSteps(site, stores.secure, stores.unit, min_survivors=rules.min_survivors, clock=clock)


def _no_vector() -> RoundVector:
    raise MessageNotUnderstood("a step without a model trains nothing")


def _log_refusal(asked: Asked, refusal: InstructionRefused) -> None:
    known = {"plan_id": asked.plan_id, "run_id": asked.run_id, "round": asked.round, "attempt": asked.attempt}
    reason = type(refusal).__name__
    if isinstance(refusal, GateRefused):
        reason = refusal.check
    elif isinstance(refusal, SecureRefused):
        reason = refusal.reason.value
    log().warning("instruction refused", code=refusal.code.value, reason=reason, **known)
