"""Projects, as a lead makes and follows them; a reader sees the own open ones."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from node.edges.web.bodies import CasesBody, HoldoutBody, NewProjectBody
from node.edges.web.parts import Parts
from node.edges.web.reading_views import (
    CasesAddedView,
    ClosedCasesView,
    HoldoutView,
    ProgressView,
    ProjectsView,
    ProjectView,
    SchemasView,
    closed_case_view,
    project_view,
)
from node.edges.web.session import SignedInSession, SignedInViewer
from node.flows import projects
from node.flows.act import act_of
from node.flows.read import worklist
from node.ground.ids import new_id
from node.labeling.permission import Permission
from node.labeling.project import NewProject
from node.labeling.schema_shelf import schemas
from node.readers.roles import Role
from protocols.ids import Uuid

router = APIRouter(tags=["projects"])
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/api/schemas")
def all_schemas() -> SchemasView:
    """The label schemas a project can use."""
    return SchemasView(schemas=list(schemas().values()))


@router.get("/api/projects")
def all_projects(viewer: SignedInViewer, parts: Parts) -> ProjectsView:
    """All projects for a lead; for a reader the open ones with places of their own."""
    if Role.LEAD in viewer.roles:
        found = projects.projects(parts.ward)
    else:
        found = [row.project for row in worklist(parts.ward, viewer)]
    return ProjectsView(projects=[project_view(project) for project in found])


@router.post("/api/projects", status_code=201)
def make_project(body: NewProjectBody, session: SignedInSession, parts: Parts) -> ProjectView:
    """A new project, a draft until it is opened."""
    permission = Permission(body.permission.use, body.permission.partners)
    new = NewProject(**body.model_dump(exclude={"permission"}), permission=permission)
    act = act_of(session.person.person_id, parts.clock.now())
    return project_view(projects.make_project(parts.ward, new, act, project_id=new_id()))


@router.get("/api/projects/{project_id}")
def one_project(project_id: Uuid, parts: Parts) -> ProjectView:
    """The project."""
    return project_view(projects.project_of(parts.ward, project_id))


@router.post("/api/projects/{project_id}/open")
def open_project(project_id: Uuid, session: SignedInSession, parts: Parts) -> ProjectView:
    """The project is open; on an open one, what was declined or lapsed is dealt to other readers."""
    act = act_of(session.person.person_id, parts.clock.now())
    return project_view(projects.open_project(parts.ward, project_id, act))


@router.post("/api/projects/{project_id}/cases")
def add_cases(project_id: Uuid, body: CasesBody, session: SignedInSession, parts: Parts) -> CasesAddedView:
    """All cases of these modalities belong to the project."""
    act = act_of(session.person.person_id, parts.clock.now())
    return CasesAddedView(added=projects.add_cases(parts.ward, project_id, body.modalities, act))


@router.put("/api/projects/{project_id}/holdout")
def set_holdout(project_id: Uuid, body: HoldoutBody, session: SignedInSession, parts: Parts) -> HoldoutView:
    """Exactly the named cases are set apart for scoring, with their known answers."""
    references = [projects.Reference(row.sop_instance_uid, row.option) for row in body.rows]
    act = act_of(session.person.person_id, parts.clock.now())
    result = projects.set_holdout(parts.ward, parts.originals, project_id, references, act)
    return HoldoutView.model_validate(result)


@router.get("/api/projects/{project_id}/progress")
def progress(project_id: Uuid, parts: Parts) -> ProgressView:
    """How far the project is."""
    return ProgressView.model_validate(projects.progress(parts.ward, project_id))


@router.get("/api/projects/{project_id}/consensus")
def consensus(
    project_id: Uuid, viewer: SignedInViewer, parts: Parts, after: Uuid | None = None, limit: Limit = 100
) -> ClosedCasesView:
    """Closed cases with their consensus and who dissented; open cases are not shown to anyone."""
    found = projects.closed_cases(parts.ward, project_id, viewer, after_case_id=after or "", limit=limit)
    more = found[-1].case_id if len(found) == limit else None
    return ClosedCasesView(cases=[closed_case_view(case) for case in found], next_after=more)
