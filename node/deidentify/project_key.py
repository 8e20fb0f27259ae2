"""The names of one project, made with a key of that project alone, from the names an image was cleaned under.

A module of its own because whoever answers for a name needs no DICOM: only what renames a file does (`project_names`).
Source: RFC 2104 for the digests.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from node.deidentify.pseudonyms import (
    date_shift_days,
    new_uid,
    project_case_name,
    project_pseudonym,
    project_reader_code,
)


@dataclass(frozen=True, slots=True)
class ProjectNames:
    """The names of one project, made with its own key; `project_context` says which key that is."""

    key: bytes = field(repr=False)

    def patient(self, pseudonym: str) -> str:
        """The project's pseudonym for a patient, from the one in the clean file."""
        return project_pseudonym(self.key, pseudonym)

    def case(self, case_id: str) -> str:
        """The project's name for a case."""
        return project_case_name(self.key, case_id)

    def reader(self, reader: str) -> str:
        """The project's code for a reader or a reading, from the node's identifier of it."""
        return project_reader_code(self.key, reader)

    def uid(self, uid: str) -> str:
        """The project's UID for a UID of the clean file."""
        return new_uid(self.key, uid)

    def shift_days(self, pseudonym: str) -> int:
        """The days by which the project moves the dates of a clean file once more; one number for a patient."""
        return date_shift_days(self.key, self.patient(pseudonym))


def project_context(project_id: str) -> bytes:
    """The branch of the pseudonym key that belongs to a project; of no other, and not the node's own."""
    return b"project/" + project_id.encode()
