"""What this station refuses, named by the fact."""

from __future__ import annotations

from node.ground.errors import NodeError


class ProjectUnknown(NodeError):
    """No project has this identifier."""


class SchemaUnknown(NodeError):
    """No label schema has this code and version here."""


class ProjectStateRefused(NodeError):
    """The project is not in a state that allows this."""


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


class DraftConflict(NodeError):
    """The draft was saved in another window meanwhile; `current` is its version."""

    def __init__(self, current: int) -> None:
        super().__init__("the draft has a newer version")
        self.current = current


class AnswersRefused(NodeError):
    """Answers that the project's schema does not know, repeats, or leaves out; `question` names the first."""

    def __init__(self, question: str) -> None:
        super().__init__("the answers do not fit the schema")
        self.question = question


class HoldoutRefused(NodeError):
    """A reference names an option the schema does not know, or knows without a target."""


class ChainBroken(NodeError):
    """The chain of readings does not verify from entry `number` on."""

    def __init__(self, number: int) -> None:
        super().__init__(f"reading chain broken at entry {number}")
        self.number = number
