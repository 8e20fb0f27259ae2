"""The root of everything the coordinator refuses; each station names its own leaves."""

from __future__ import annotations


class CoordinatorError(Exception):
    """A refusal with a reason. Carries identifiers, never what a hospital did not release."""
