"""What learners see of courses; what is right is in no view before the own answer is in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from node.edges.web.reading_views import ImageView
from node.edges.web.views import View
from node.flows.learning import Feedback, OpenCourse, Showing, feedback_on
from node.labeling.worklist import CaseImage
from node.teaching.asking import Asked, asked_quiz
from node.teaching.course import Block, CaseQuiz, DrawnExample, Item, LongText, Quiz, TextBlock
from node.teaching.drawing import Drawing
from protocols.labels import Bilingual


class OptionView(View):
    """One answer that can be given."""

    code: str
    text: Bilingual


class AskedView(View):
    """A question and its answers."""

    text: Bilingual
    options: list[OptionView]


class FeedbackView(View):
    """What is told of an answer."""

    said: str
    right: str
    explanation: LongText


class BlockView(View):
    """A piece of a module as its learner sees it."""

    kind: Literal["text", "drawing", "quiz", "case"]
    item: str | None
    text: LongText | None
    caption: Bilingual | None
    drawing: Drawing | None
    asked: AskedView | None
    feedback: FeedbackView | None
    """Once it is answered."""


class ModuleView(View):
    """One sitting."""

    code: str
    title: Bilingual
    blocks: list[BlockView]


class CourseRowView(View):
    """A course in a learner's list."""

    code: str
    version: int
    task: str
    title: Bilingual
    items: int
    answered: int
    certificate_until: date | None
    on_probation: bool


class CourseRowsView(View):
    """Every course that is open."""

    courses: list[CourseRowView]


class CourseView(View):
    """A course as its learner sees it."""

    row: CourseRowView
    modules: list[ModuleView]
    exam_minutes: int
    exam_length: int
    pass_mark: float
    valid_days: int
    probation_days: int
    learnt: bool
    """Everything in the modules is answered: the exam may be begun."""


class ShowingView(View):
    """An image case of a module."""

    showing_id: str
    asked: AskedView
    images: list[ImageView]


def course_row_view(found: OpenCourse) -> CourseRowView:
    """The course in a list."""
    content, held = found.kept.content, found.certificate
    return CourseRowView(
        code=content.code,
        version=found.kept.version,
        task=content.task,
        title=content.title,
        items=sum(1 for _ in content.items()),
        answered=found.answered,
        certificate_until=None if held is None else held.last_day,
        on_probation=held is not None and held.probation_until is not None,
    )


def course_view(found: OpenCourse) -> CourseView:
    """The course with its modules."""
    content = found.kept.content
    modules = [
        ModuleView(code=one.code, title=one.title, blocks=[_block_view(block, found) for block in one.blocks])
        for one in content.modules
    ]
    return CourseView(
        row=course_row_view(found),
        modules=modules,
        exam_minutes=content.exam.minutes,
        exam_length=content.exam.length,
        pass_mark=content.exam.pass_mark,
        valid_days=content.exam.valid_days,
        probation_days=content.exam.probation_days,
        learnt=found.learnt,
    )


def showing_view(shown: Showing) -> ShowingView:
    """An image case of a module."""
    return ShowingView(showing_id=shown.showing_id, asked=asked_view(shown.asked), images=image_views(shown.images))


def feedback_view(told: Feedback) -> FeedbackView:
    """What is told of an answer."""
    return FeedbackView(said=told.said, right=told.right, explanation=told.explanation)


def _block_view(block: Block, found: OpenCourse) -> BlockView:
    return BlockView(
        kind=block.kind,
        item=block.code if isinstance(block, Quiz | CaseQuiz) else None,
        text=block.text if isinstance(block, TextBlock) else None,
        caption=block.caption if isinstance(block, DrawnExample) else None,
        drawing=block.drawing if isinstance(block, DrawnExample | Quiz) else None,
        asked=asked_view(asked_quiz(block)) if isinstance(block, Quiz) else None,
        feedback=_told(block, found) if isinstance(block, Quiz | CaseQuiz) else None,
    )


def _told(item: Item, found: OpenCourse) -> FeedbackView | None:
    given = found.answers.get(item.code)
    return None if given is None or given.said is None else feedback_view(feedback_on(item, given.said))


def asked_view(asked: Asked) -> AskedView:
    """A question and its answers."""
    return AskedView(text=asked.text, options=[OptionView(code=code, text=text) for code, text in asked.options])


def image_views(images: Sequence[CaseImage]) -> list[ImageView]:
    """The images of a case."""
    return [ImageView.model_validate(image) for image in images]
