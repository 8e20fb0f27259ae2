"""The root of everything a node refuses; each station names its own leaves."""

from __future__ import annotations


class NodeError(Exception):
    """A refusal with a reason. Carries identifiers, never pixels, names or tag values."""
