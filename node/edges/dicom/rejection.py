"""What a peer says that takes no association of ours.

pynetdicom 3.0 calls some of these aborted, not rejected: where its own thread has heard the refusal and hung up before
the thread that asked looks whether the line stands, the refusal stays unread. It is read here.
"""

from __future__ import annotations

from pynetdicom.association import Association
from pynetdicom.pdu_primitives import A_ASSOCIATE


def rejection(association: Association) -> A_ASSOCIATE | None:
    """The refusal (its `result`, `result_source` and `diagnostic`) of PS3.8 table 9-21; none where none came."""
    heard = association.acceptor.primitive if association.is_rejected else association.dul.peek_next_pdu()
    return heard if isinstance(heard, A_ASSOCIATE) and heard.result else None
