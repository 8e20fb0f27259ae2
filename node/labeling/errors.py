"""What this station refuses, named by the fact."""

from __future__ import annotations

import math

from node.ground.errors import NodeError
from node.labeling.answer_fault import AnswerFault


class ProjectUnknown(NodeError):
    """No project has this identifier."""


class SchemaUnknown(NodeError):
    """No label schema has this code and version here."""


class ProjectStateRefused(NodeError):
    """The project is not in a state that allows this."""


class PermissionRefused(NodeError):
    """A permission that contradicts itself, or would let readings be used further than was said before."""


class PilotRefused(NodeError):
    """A pilot of fewer than 20 or more than 50 reads."""


class RestRefused(NodeError):
    """A rest that is none."""


class RepeatsRefused(NodeError):
    """A share of repeats or a spacing out of bounds."""


class RestDue(NodeError):
    """The reader rests first; the next case is given after `wait_seconds`."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__("a rest is due")
        self.wait_seconds = max(1, math.ceil(wait_seconds))


class GuidelineUnknown(NodeError):
    """The project's guideline has no such version."""


class RevisionRefused(NodeError):
    """A change of guideline or schema that names what the schema or the project does not have."""


class LabelersRefused(NodeError):
    """The schema asks for free text, which lay labelers do not write."""


class AssignmentUnknown(NodeError):
    """No such assignment, or it is another reader's; which of the two is never said."""


class ImageUnknown(NodeError):
    """The assignment has no such image or frame."""


class LeaseLapsed(NodeError):
    """The lease ran out and the case was given to another reader; the draft is kept."""


class AssignmentClosed(NodeError):
    """The assignment was submitted or declined already."""


class ReadingExists(NodeError):
    """A reading was submitted already, and this is not the same request again."""


class NothingToAmend(NodeError):
    """The assignment has no reading that could be amended."""


class TooManyAmendments(NodeError):
    """The reading was amended as often as a reading may be."""


class CaseUnknown(NodeError):
    """No case has this identifier, or its patient is excluded."""


class ReadingsHeld(NodeError):
    """A legal hold forbids that the case's readings are destroyed."""


class ConcernUnknown(NodeError):
    """No such concern, or it is not for whoever asks."""


class ConcernClosed(NodeError):
    """The concern was closed already."""


class OutcomeRefused(NodeError):
    """A concern of this kind does not end so."""


class DraftConflict(NodeError):
    """The draft was saved in another window meanwhile; `current` is its version."""

    def __init__(self, current: int) -> None:
        super().__init__("the draft has a newer version")
        self.current = current


class ChangeSetReused(NodeError):
    """A change set of the draft came under the identifier of another one."""


class DraftTooLarge(NodeError):
    """The draft would hold more than a draft may."""


class AnswersRefused(NodeError):
    """Answers that do not fit the project's schema; `question` names the first, `fault` says how."""

    def __init__(self, question: str, fault: AnswerFault) -> None:
        super().__init__(f"the answers do not fit the schema: {fault.value}")
        self.question = question
        self.fault = fault


class HoldoutRefused(NodeError):
    """A reference names an option the schema does not know, or knows without a target."""


class ChainBroken(NodeError):
    """The chain of readings does not verify from entry `number` on."""

    def __init__(self, number: int) -> None:
        super().__init__(f"reading chain broken at entry {number}")
        self.number = number
