"""A person of the hospital: roles, department, and whether the licence to read was verified."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from node.ground.texts import Language
from node.readers.roles import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who may sign in; the name is for people, the identifier for everything else."""

    person_id: str
    name: str
    roles: frozenset[Role]
    department: str | None
    language: Language
    licence_verified: bool
    """IT has seen the specialist licence; without it no case is given."""
    active: bool


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What IT says of someone who joins."""

    name: str
    roles: frozenset[Role]
    department: str | None = None
    language: Language = Language.KO
    licence_verified: bool = False


def may_be_given_cases(person: Person, department: str | None) -> bool:
    """True for an active reader with a verified licence, of the department when the project names one."""
    reads = person.active and person.licence_verified and Role.READER in person.roles
    return reads and department in (None, person.department)


def name_key(name: str) -> str:
    """The form of a name under which it is unique: composed, case-folded, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
