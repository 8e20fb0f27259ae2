"""A lay labeler signs the pledge; a trainer issues and withdraws certificates. Both decide which cases are given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from node.flows.act import Act
from node.flows.deal_out import deal_out_open_projects
from node.flows.ward import Ward
from node.labeling.schema_shelf import schemas
from node.readers.errors import CertificateRefused
from node.readers.person import Person
from node.readers.pledge import Certificate, check_certificate, signed
from node.readers.roles import Role


@dataclass(frozen=True, slots=True)
class Labeler:
    """A labeler as the trainer sees one."""

    person: Person
    certificates: tuple[Certificate, ...]


def sign_pledge(ward: Ward, person_id: str, version: int, act: Act) -> None:
    """The labeler has signed this version of the pledge, and has places in what is open to them.

    Raises:
        PledgeOutdated: the text has another version.
        CertificateRefused: the person is no labeler.
    """
    with ward.writing() as work:
        person = work.people.by_id(person_id)
        if Role.LABELER not in person.roles:
            raise CertificateRefused
        changed = replace(person, pledge=signed(version, act.now))
        work.credentials.change(changed, act.event("pledge.signed", f"person:{person_id}", str(version)))
        deal_out_open_projects(work, act)


def labelers(ward: Ward) -> list[Labeler]:
    """Every labeler with the own certificates, by name."""
    with ward.reading() as work:
        issued = work.certificates.all()
        found = [person for person in work.people.all() if Role.LABELER in person.roles]
    return [Labeler(one, tuple(held for held in issued if held.person_id == one.person_id)) for one in found]


def issue_certificate(ward: Ward, person_id: str, task: str, until: date, act: Act) -> Certificate:
    """The task is open to the labeler until the end of the day.

    Raises:
        PersonUnknown: there is none such.
        CertificateRefused: no labeler, no task of this node, or a day that passed.
    """
    if task not in {code for code, _ in schemas()}:
        raise CertificateRefused
    with ward.writing() as work:
        check_certificate(work.people.by_id(person_id).roles, until=until, now=act.now)
        issued = Certificate(person_id, task, act.by.actor_id, act.now, until)
        work.certificates.issue(issued, act.event("certificate.issued", f"person:{person_id}", task))
        deal_out_open_projects(work, act)
        return issued


def withdraw_certificate(ward: Ward, person_id: str, task: str, act: Act) -> None:
    """The task is no longer open to the labeler, and its cases are dealt to others.

    Raises:
        CertificateRefused: there is no such certificate.
    """
    event = act.event("certificate.withdrawn", f"person:{person_id}", task)
    with ward.writing() as work:
        if not work.certificates.withdraw(person_id, task, event):
            raise CertificateRefused
        deal_out_open_projects(work, act)
