"""Statements as PDF: what the signed file says, with the file attached."""

from __future__ import annotations

from fastapi import APIRouter, Response

from node.edges.web.parts import Parts
from node.edges.web.session import SignedInSession
from node.flows import months
from node.flows.act import act_of
from node.ground.texts import Language
from node.pay.printed import printed_statement
from protocols.ids import Uuid

router = APIRouter(tags=["pay"])


@router.get("/api/pay/statements/{statement_id}/print", response_class=Response)
def named_print(
    statement_id: Uuid, session: SignedInSession, parts: Parts, language: Language | None = None
) -> Response:
    """A statement as PDF, with its reader's name; the reader is shown that it was opened."""
    act = act_of(session.person.person_id, parts.clock.now())
    file = months.shown_statement(parts.pay, statement_id, act).file
    return _printed(file, statement_id, language or session.person.language)


@router.get("/api/pay/own/statements/{statement_id}/print", response_class=Response)
def own_print(statement_id: Uuid, session: SignedInSession, parts: Parts, language: Language | None = None) -> Response:
    """The own statement as PDF."""
    file = months.own_file(parts.pay, session.person.person_id, statement_id)
    return _printed(file, statement_id, language or session.person.language)


def _printed(file: bytes, statement_id: str, language: Language) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="statement-{statement_id}.pdf"'}
    return Response(printed_statement(file, language), media_type="application/pdf", headers=headers)
