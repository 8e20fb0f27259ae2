"""A reader's worklist, the case at hand, its draft and its reading."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from node.edges.web import problems
from node.edges.web.bodies import AssignmentBody, ChangeSetBody, DeclineBody, DraftBody
from node.edges.web.parts import Parts
from node.edges.web.reading_views import (
    ChangeSetView,
    ChangesView,
    DraftSavedView,
    DraftView,
    ReadingView,
    SheetView,
    WorklistView,
    sheet_view,
    worklist_row_view,
)
from node.edges.web.session import SignedInSession, SignedInViewer
from node.flows import read
from node.ground.ids import new_id
from node.labeling.reading import ReadingContent
from protocols.ids import Uuid

router = APIRouter(tags=["reading"])
IfMatch = Annotated[str | None, Header(pattern=r'^"[0-9]{1,9}"$')]
Version = Annotated[int, Query(ge=0, le=999_999_999)]
IdempotencyKey = Annotated[str | None, Header(pattern=r"^[A-Za-z0-9._-]{8,64}$")]


@router.get("/api/worklist")
def worklist(viewer: SignedInViewer, parts: Parts) -> WorklistView:
    """The reader's own places, by open project."""
    return WorklistView(projects=[worklist_row_view(row) for row in read.worklist(parts.ward, viewer)])


@router.post(
    "/api/assignments", status_code=201, response_model=SheetView, responses={204: {"description": "No case left."}}
)
def next_case(body: AssignmentBody, session: SignedInSession, parts: Parts) -> SheetView | Response:
    """The case the reader holds already, or else the next one, leased to the reader from now."""
    found = read.next_case(parts.ward, session.person, body.project_id, parts.clock.now())
    return Response(status_code=204) if found is None else sheet_view(found)


@router.get("/api/assignments/{assignment_id}")
def one_assignment(assignment_id: Uuid, viewer: SignedInViewer, parts: Parts) -> SheetView:
    """The case the reader holds or has read."""
    return sheet_view(read.sheet(parts.ward, viewer, assignment_id))


@router.get("/api/assignments/{assignment_id}/draft")
def draft(assignment_id: Uuid, viewer: SignedInViewer, parts: Parts, response: Response) -> DraftView:
    """The last saved draft; version 0 is the empty one."""
    saved = read.draft_of(parts.ward, viewer, assignment_id)
    response.headers["ETag"] = f'"{saved.version}"'
    return DraftView(version=saved.version, saved_at=saved.saved_at, content=json.loads(saved.content))


@router.put("/api/assignments/{assignment_id}/draft", response_model=DraftSavedView)
def save_draft(
    assignment_id: Uuid,
    body: DraftBody,
    viewer: SignedInViewer,
    parts: Parts,
    response: Response,
    *,
    if_match: IfMatch = None,
) -> DraftSavedView | Response:
    """The draft is saved over the version the page read; 412 when another window saved meanwhile."""
    if if_match is None:
        return problems.respond(problems.VERSION_MISSING)
    edit = read.DraftEdit(int(if_match.strip('"')), _json(body.content))
    saved = read.save_draft(parts.ward, viewer, assignment_id, edit, parts.clock.now())
    response.headers["ETag"] = f'"{saved.version}"'
    return DraftSavedView(version=saved.version, saved_at=saved.saved_at)


@router.post("/api/assignments/{assignment_id}/draft/changes", response_model=DraftSavedView)
def change_draft(
    assignment_id: Uuid,
    body: ChangeSetBody,
    viewer: SignedInViewer,
    parts: Parts,
    response: Response,
    *,
    if_match: IfMatch = None,
) -> DraftSavedView | Response:
    """The change set is in the draft's journal; sent again under its identifier it is answered the same."""
    if if_match is None:
        return problems.respond(problems.VERSION_MISSING)
    edit = read.DraftEdit(int(if_match.strip('"')), _json(body.body), body.kind, body.change_set_id)
    saved = read.save_draft(parts.ward, viewer, assignment_id, edit, parts.clock.now())
    response.headers["ETag"] = f'"{saved.version}"'
    return DraftSavedView(version=saved.version, saved_at=saved.saved_at)


@router.get("/api/assignments/{assignment_id}/draft/changes")
def draft_changes(assignment_id: Uuid, viewer: SignedInViewer, parts: Parts, after: Version = 0) -> ChangesView:
    """The change sets acknowledged after a version, for a page that has to catch up."""
    found = read.draft_changes(parts.ward, viewer, assignment_id, after)
    return ChangesView(
        changes=[
            ChangeSetView(
                version=entry.version,
                saved_at=entry.saved_at,
                change_set_id=entry.change_set.change_set_id,
                kind=entry.change_set.kind,
                body=json.loads(entry.change_set.body),
            )
            for entry in found
        ]
    )


@router.post("/api/assignments/{assignment_id}/reading", status_code=201)
def submit(
    assignment_id: Uuid,
    body: ReadingContent,
    viewer: SignedInViewer,
    parts: Parts,
    idempotency_key: IdempotencyKey = None,
) -> ReadingView:
    """The reading, stored for good. The same request under the same key again gives the same answer."""
    submission = read.Submission(new_id(), body, idempotency_key)
    return ReadingView(reading_id=read.submit(parts.ward, viewer, assignment_id, submission, parts.clock.now()))


@router.post("/api/assignments/{assignment_id}/decline", status_code=204)
def decline(assignment_id: Uuid, body: DeclineBody, viewer: SignedInViewer, parts: Parts) -> None:
    """The case is out of the reader's worklist for good."""
    read.decline(parts.ward, viewer, assignment_id, body.reason, parts.clock.now())


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
