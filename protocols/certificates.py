"""A lay labeler's certificate as its holder carries it to another hospital, sealed by the hospital that examined.

It says nothing about a later withdrawal: whoever wants to know that asks the hospital that signed it.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from protocols.encoding import Code, Instant, Name, Wire


class LabelerCertificate(Wire):
    """One task that its holder was examined for (sealed for `certificate`)."""

    kind: ClassVar[str] = "labeler-certificate"
    version: ClassVar[int] = 1

    hospital: Name
    holder: Name
    task: Code
    """A label schema, by its code."""
    issued_at: Instant
    valid_until: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
    """Its last day."""
