"""What readers drew, fused: values that are stored; nothing is computed here (`consensus.shape_consensus`)."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from node.labeling.shapes import Shape
from protocols.encoding import Code
from protocols.ids import Uuid
from protocols.label_rules import ShapeKind

FUSED: Final = frozenset({ShapeKind.BOX, ShapeKind.MASK})
"""Shapes that are fused; others are not."""
NOT_FUSED: Final = "not-fused"
"""The doubt about a case whose shapes could not be fused; it has none."""


class FusedShape(BaseModel):
    """One fused shape on one frame, how sure it is, and who drew it or did not."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    question: Code
    label: Code | None
    image_id: Uuid
    frame: Annotated[int, Field(ge=1)]
    thing: Code
    """Shapes of one thing bear one name within their question."""
    shape: Shape
    posterior: Annotated[float, Field(ge=0, le=1)]
    """Of a box that it marks something; of a mask the mean over its pixels."""
    stands: bool
    """False where more speaks against it than for it."""
    drawn_by: tuple[Uuid, ...]
    not_drawn_by: tuple[Uuid, ...]
    """Who read the case and drew something else here, or nothing."""

    def dissent(self) -> tuple[str, ...]:
        """Who says otherwise than the consensus."""
        return self.not_drawn_by if self.stands else self.drawn_by


class ShapeConsensus(BaseModel):
    """Everything fused of a case; `doubts` are why somebody should look at its masks before they are used."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    questions: tuple[Code, ...] = ()
    """Whose answers were fused."""
    undecided: tuple[Code, ...] = ()
    """Those without a shape that stands although half of the readers or more drew something. Of any other question
    without one the consensus is that there is nothing."""
    shapes: tuple[FusedShape, ...] = ()
    doubts: tuple[Code, ...] = ()
