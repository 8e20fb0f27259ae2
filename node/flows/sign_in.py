"""Signing in and out. A session's secret is always new, so none can be planted; every failure looks the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from node.flows.act import Act, act_of
from node.flows.attempts import attempt_key, charged
from node.flows.ward import Ward, WardWork
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.texts import Language
from node.readers.errors import SignInRefused, SignInThrottled
from node.readers.passwords import Passwords, check_password
from node.readers.person import Person, name_key
from node.readers.session import Proof, Session, csrf_token, secret_digest
from node.readers.throttle import FREE_PER_ADDRESS, FREE_PER_PERSON


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """What signing in needs."""

    ward: Ward
    passwords: Passwords
    session_lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Arrival:
    """One attempt to sign in: from where, when, and the secret its session would have."""

    address: str
    secret: str
    now: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An open session with the secret its cookie holds and the token its page sends."""

    session: Session
    secret: str
    csrf: str


def sign_in_with_code(door: FrontDoor, code: str, arrival: Arrival) -> SignedIn:
    """A session of the person the code was made for; the code works no second time.

    Raises:
        SignInRefused: unknown, used or expired code, or the person is not active.
        SignInThrottled: too many failures from this address.
    """
    address = attempt_key("address", arrival.address)
    with door.ward.writing() as work:
        _charge(work, {address: FREE_PER_ADDRESS}, arrival.now)
    with door.ward.writing() as work:
        person_id = work.codes.use_code(secret_digest(code), arrival.now)
        person = None if person_id is None else work.people.by_id(person_id)
        if person is not None and person.active:
            work.attempts.forgive(address)
            return _opened(work, door, person, Proof.CODE, arrival)
        work.audit.record(_refused(person_id, Proof.CODE, arrival.now))
    raise SignInRefused("no such code")


def sign_in_with_password(door: FrontDoor, name: str, password: str, arrival: Arrival) -> SignedIn:
    """A session of the person of this name.

    Raises:
        SignInRefused: name and password do not belong together, or the person is not active.
        SignInThrottled: too many failures under this name or from this address.
    """
    by_name, by_address = attempt_key("name", name_key(name)), attempt_key("address", arrival.address)
    with door.ward.writing() as work:
        _charge(work, {by_name: FREE_PER_PERSON, by_address: FREE_PER_ADDRESS}, arrival.now)
        person = work.people.by_name(name)
        digest = None if person is None else work.credentials.password_digest(person.person_id)
    right = door.passwords.matches(digest, password)
    if person is None or not right or not person.active:
        with door.ward.writing() as work:
            work.audit.record(_refused(None if person is None else person.person_id, Proof.PASSWORD, arrival.now))
        raise SignInRefused("name and password do not belong together")
    with door.ward.writing() as work:
        work.attempts.forgive(by_name)
        work.attempts.forgive(by_address)
        return _opened(work, door, person, Proof.PASSWORD, arrival)


def find_session(ward: Ward, secret: str, now: datetime) -> Session | None:
    """The running session of this secret, or none."""
    with ward.reading() as work:
        return work.sessions.find_session(secret_digest(secret), now)


def sign_out(ward: Ward, session: Session, now: datetime) -> None:
    """The session has ended."""
    person_id = session.person.person_id
    with ward.writing() as work:
        work.sessions.end_session(session.digest, act_of(person_id, now).event("session.ended", f"person:{person_id}"))


def set_password(door: FrontDoor, session: Session, *, new: str, current: str | None, now: datetime) -> None:
    """The person signs in with the new password; all other sessions have ended.

    The current one is asked for unless this session was opened with a log-in code.

    Raises:
        PasswordTooWeak: the new one is too short or a repetition.
        SignInRefused: the current one is missing or wrong.
        SignInThrottled: it was guessed at too often.
    """
    check_password(new)
    person = session.person
    if session.proof is Proof.PASSWORD:
        _check_current(door, person, current or "", now)
    digest = door.passwords.digest(new)
    with door.ward.writing() as work:
        event = act_of(person.person_id, now).event("password.set", f"person:{person.person_id}")
        work.credentials.set_password(person.person_id, digest, event)
        work.sessions.end_sessions_of(person.person_id, but=session.digest)


def set_language(ward: Ward, session: Session, language: Language, now: datetime) -> None:
    """The person reads this language from now on."""
    person = replace(session.person, language=language)
    act = act_of(person.person_id, now)
    with ward.writing() as work:
        work.credentials.change(person, act.event("language.set", f"person:{person.person_id}", language.value))


def _check_current(door: FrontDoor, person: Person, password: str, now: datetime) -> None:
    key = attempt_key("name", name_key(person.name))
    with door.ward.writing() as work:
        _charge(work, {key: FREE_PER_PERSON}, now)
        digest = work.credentials.password_digest(person.person_id)
    if not door.passwords.matches(digest, password):
        raise SignInRefused("this is not the current password")
    with door.ward.writing() as work:
        work.attempts.forgive(key)


def _charge(work: WardWork, free_by_key: Mapping[str, int], now: datetime) -> None:
    wait = charged(work, free_by_key, now)
    if wait > 0:
        raise SignInThrottled(wait)


def _opened(work: WardWork, door: FrontDoor, person: Person, proof: Proof, arrival: Arrival) -> SignedIn:
    expires_at = arrival.now + door.session_lifetime
    session = Session(secret_digest(arrival.secret), person, proof, expires_at)
    act = Act(Actor(ActorKind.PERSON, person.person_id), arrival.now)
    work.sessions.open_session(session, act.event("session.opened", f"person:{person.person_id}", proof.value))
    return SignedIn(session, arrival.secret, csrf_token(arrival.secret))


def _refused(person_id: str | None, proof: Proof, now: datetime) -> AuditEvent:
    act = Act(Actor(ActorKind.NODE, "web"), now)
    return act.event("sign-in.refused", f"person:{person_id or 'unknown'}", proof.value)
