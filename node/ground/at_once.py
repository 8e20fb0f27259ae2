"""What can be answered without waiting, or is not answered: for the one thread that every request goes through."""

from __future__ import annotations

from node.ground.errors import NodeError


class NotAtOnce(NodeError):
    """The answer would have to be waited for: a disk, a lock or a line; ask where waiting hurts nobody."""
