"""Courses as readers and labelers go through them, and the pixels of what they are shown."""

from __future__ import annotations

from fastapi import APIRouter, Response

from node.edges.web.bodies import Body
from node.edges.web.course_views import (
    CourseRowsView,
    CourseView,
    FeedbackView,
    ShowingView,
    course_row_view,
    course_view,
    feedback_view,
    showing_view,
)
from node.edges.web.parts import Parts
from node.edges.web.session import SignedInSession
from node.flows import learning
from node.flows.act import act_of
from protocols.encoding import Code
from protocols.ids import Uuid

router = APIRouter(tags=["courses"])


class CourseAnswerBody(Body):
    """The option that was chosen."""

    option: Code


@router.get("/api/courses")
def open_courses(session: SignedInSession, parts: Parts) -> CourseRowsView:
    """Every course that is open, with the own way through it."""
    found = learning.open_courses(parts.ward, session.person.person_id)
    return CourseRowsView(courses=[course_row_view(one) for one in found])


@router.get("/api/courses/{code}")
def course(code: Code, session: SignedInSession, parts: Parts) -> CourseView:
    """The modules, with what is right where it was answered."""
    return course_view(learning.course_of(parts.ward, session.person.person_id, code))


@router.post("/api/courses/{code}/items/{item}/showing")
def show(code: Code, item: Code, session: SignedInSession, parts: Parts) -> ShowingView:
    """The image case of an item; the same one whenever it is asked for."""
    act = act_of(session.person.person_id, parts.clock.now())
    return showing_view(learning.show_case(parts.ward, session.person.person_id, code, item, act))


@router.post("/api/courses/{code}/items/{item}/answer")
def answer(code: Code, item: Code, body: CourseAnswerBody, session: SignedInSession, parts: Parts) -> FeedbackView:
    """What is right, and why; the first answer stays."""
    act = act_of(session.person.person_id, parts.clock.now())
    return feedback_view(learning.answer(parts.ward, session.person.person_id, code, (item, body.option), act))


@router.get(
    "/api/showings/{showing_id}/images/{image_id}/frames/{number}/preview.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "The frame with its window applied."}},
)
def preview(showing_id: Uuid, image_id: Uuid, number: int, session: SignedInSession, parts: Parts) -> Response:
    """A frame of what a module or an exam that runs shows, as an 8 bit PNG."""
    image, now = (image_id, number), parts.clock.now()
    learning.check_showing(parts.ward, session.person.person_id, showing_id, image=image, now=now)
    return Response(parts.frames.preview(image_id, number), media_type="image/png")
