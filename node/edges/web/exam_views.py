"""What people see of exams: an attempt that runs, without what is true; one that is over, without the single case."""

from __future__ import annotations

from datetime import datetime

from node.consensus.quality import Rate
from node.edges.web.course_views import AskedView, asked_view, image_views
from node.edges.web.reading_views import ImageView
from node.edges.web.views import View
from node.flows.exams import ExamResult, ExamSheet
from node.teaching.drawing import Drawing
from protocols.labels import Bilingual


class ExamQuestionView(View):
    """One thing asked in an exam."""

    number: int
    showing_id: str
    asked: AskedView
    drawing: Drawing | None
    images: list[ImageView]
    said: str | None


class ExamSheetView(View):
    """An exam that runs."""

    attempt_id: str
    course: str
    version: int
    started_at: datetime
    ends_at: datetime
    questions: list[ExamQuestionView]


class RightShareView(View):
    """Right answers of all, with the 95 % interval of the share."""

    right: int
    of: int
    share: float
    low: float
    high: float


class KnownRateView(View):
    """Right answers on cases of which this is true."""

    voted: str
    known: str
    text: Bilingual
    known_text: Bilingual
    rate: RightShareView


class ExamResultView(View):
    """An exam that is over."""

    attempt_id: str
    course: str
    version: int
    finished_at: datetime
    passed: bool
    pass_mark: float
    overall: RightShareView
    quizzes: RightShareView | None
    by_known: list[KnownRateView]


def exam_sheet_view(sheet: ExamSheet) -> ExamSheetView:
    """An exam that runs."""
    attempt = sheet.attempt
    return ExamSheetView(
        attempt_id=attempt.attempt_id,
        course=attempt.course,
        version=attempt.version,
        started_at=attempt.started_at,
        ends_at=attempt.ends_at,
        questions=[
            ExamQuestionView(
                number=one.number,
                showing_id=one.showing_id,
                asked=asked_view(one.asked),
                drawing=one.drawing,
                images=image_views(one.images),
                said=one.said,
            )
            for one in sheet.questions
        ],
    )


def exam_result_view(result: ExamResult) -> ExamResultView:
    """An exam that is over."""
    attempt, figures = result.attempt, result.figures
    return ExamResultView(
        attempt_id=attempt.attempt_id,
        course=attempt.course,
        version=attempt.version,
        finished_at=attempt.finished_at or attempt.ends_at,
        passed=bool(attempt.passed),
        pass_mark=result.pass_mark,
        overall=share_view(figures.overall),
        quizzes=None if figures.quizzes is None else share_view(figures.quizzes),
        by_known=[
            KnownRateView(
                voted=voted,
                known=known,
                text=result.asked[voted].text,
                known_text=result.asked[voted].words_of(known),
                rate=share_view(rate),
            )
            for (voted, known), rate in figures.by_known.items()
        ],
    )


def share_view(rate: Rate) -> RightShareView:
    """A share with its interval."""
    return RightShareView(right=rate.right, of=rate.of, share=rate.share, low=rate.low, high=rate.high)
