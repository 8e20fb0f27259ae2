"""A labeler takes the own certificate along, as a file that another hospital can verify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from node.flows.ward import Ward
from node.readers.pledge import Certificate
from node.teaching.errors import CertificateUnknown
from node.teaching.proof import certificate_file
from protocols.signing import Identity


@dataclass(frozen=True, slots=True)
class TeachingDesk:
    """Where certificates are handed out: the ward, the hospital's name, and its identity, which signs."""

    ward: Ward
    hospital: str
    identity: Callable[[], Identity]


def own_certificates(desk: TeachingDesk, person_id: str) -> list[Certificate]:
    """Every certificate of the person, by task."""
    with desk.ward.reading() as work:
        return [one for one in work.certificates.all() if one.person_id == person_id]


def own_certificate_file(desk: TeachingDesk, person_id: str, task: str, now: datetime) -> bytes:
    """The person's certificate for the task, signed. Raises: CertificateUnknown for none that holds today."""
    with desk.ward.reading() as work:
        held = [one for one in work.certificates.all() if (one.person_id, one.task) == (person_id, task)]
        name = work.people.by_id(person_id).name
    if not held or not held[0].holds(now):
        raise CertificateUnknown
    return certificate_file(held[0], holder=name, hospital=desk.hospital, identity=desk.identity())
