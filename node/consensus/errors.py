"""What this station refuses, named by the fact."""

from __future__ import annotations

from node.ground.errors import NodeError


class AgreementUnmeasurable(NodeError):
    """There is nothing to compare: no case with two opinions, or one answer only, so that chance explains all."""


class OpinionsRefused(NodeError):
    """An opinion names an option that the question does not have, or gold contradicts itself."""


class ShapesDiffer(NodeError):
    """Masks of one case do not cover the same grid."""


class NothingToFuse(NodeError):
    """There is no opinion to fuse."""


class GoldRefused(NodeError):
    """Gold names what the schema does not have, or contradicts itself."""


class AdjudicationRefused(NodeError):
    """The adjudication is not in a state that allows this, or this person may not do it."""


class AdaptiveReadsRefused(NodeError):
    """A bound that cannot be reached, or numbers of readings that are not in order."""
