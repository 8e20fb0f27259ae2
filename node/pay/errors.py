"""What this station refuses, named by the fact."""

from __future__ import annotations

from node.ground.errors import NodeError
from node.ground.told import Told


class CardRefused(NodeError):
    """A rate card says two things of one reading, or too many."""


class MonthRefused(NodeError):
    """This is no month."""


class MonthRunning(NodeError):
    """The month is not over, or its readers may still object."""


class MonthClosed(NodeError):
    """The month was closed before."""


class CategoriesMissing(NodeError):
    """`waiting` people who earned something have no payment category."""

    def __init__(self, waiting: int) -> None:
        super().__init__("people who earned something have no payment category")
        self.waiting = waiting


class WithholdingUnknown(NodeError):
    """No tax rule is known for this category and currency."""


class StatementUnknown(NodeError):
    """No statement has this identifier, or it is somebody else's."""


class CorrectionRefused(NodeError):
    """A counter-entry of nothing, or one that takes back more than was paid."""


class StatementBroken(Told):
    """A statement was changed after it was signed, or somebody else signed it."""

    text_key = "pay.statement_broken"


class StatementUnreadable(Told):
    """The system does not give the file of a statement."""

    text_key = "pay.statement_unreadable"


class VerdictUnknown(NodeError):
    """There is no such verdict to object to: it is none of the reader's, or it says that the reading was right."""


class ContestStands(NodeError):
    """An objection to this verdict was raised before."""


class ContestUnknown(NodeError):
    """The project has no open objection to this verdict."""


class ContestsOpen(NodeError):
    """`waiting` objections to verdicts of the month wait for their leads."""

    def __init__(self, waiting: int) -> None:
        super().__init__("objections to verdicts of the month are undecided")
        self.waiting = waiting
