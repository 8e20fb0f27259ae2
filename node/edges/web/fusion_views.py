"""What the API tells a lead of fusion and agreement."""

from __future__ import annotations

from datetime import datetime

from node.consensus.agreement import CellAgreement, QuestionAgreement
from node.consensus.drift import Chart, Direction
from node.consensus.way import Method
from node.edges.web.views import View
from node.flows.agreeing import ProjectAgreement
from node.flows.fuse_shapes import FusedCase
from node.labeling.shapes import Shape


class FusionView(View):
    """How a project fuses."""

    method: Method
    cases: int
    gold_cases: int
    doubted: tuple[str, ...]
    estimated_at: datetime | None


class CellView(View):
    """Krippendorff's alpha of one cell with its 95 % interval; nothing where there is none, or it is withheld."""

    name: str
    alpha: float | None
    low: float | None
    high: float | None
    cases: int
    withheld: bool


class ShareView(View):
    """One reader's agreement with the others, unnamed: the share of pairs, and beyond chance."""

    share: float
    beyond_chance: float | None


class AlarmView(View):
    """Agreement by month left its course."""

    chart: Chart
    step: int
    direction: Direction


class AgreementView(View):
    """The agreement on one thing that is voted on."""

    question: str
    whole: CellView
    readers: list[ShareView]
    departments: list[CellView]
    months: list[CellView]
    alarms: list[AlarmView]


class AgreementsView(View):
    """The agreement of a project's readers."""

    until: datetime
    questions: list[AgreementView]


def agreements_view(found: ProjectAgreement) -> AgreementsView:
    """The view of these figures."""
    return AgreementsView(until=found.until, questions=[_agreement(one) for one in found.questions])


def _agreement(one: QuestionAgreement) -> AgreementView:
    shares = [
        ShareView(
            share=round(reader.share, 2),
            beyond_chance=None if reader.beyond_chance is None else round(reader.beyond_chance, 2),
        )
        for reader in one.by_reader.values()
    ]
    return AgreementView(
        question=one.question,
        whole=_cell("", one.whole),
        readers=sorted(shares, key=lambda share: share.share),
        departments=[_cell(name, cell) for name, cell in sorted(one.by_department.items())],
        months=[_cell(name, cell) for name, cell in sorted(one.by_month.items())],
        alarms=[AlarmView.model_validate(alarm) for alarm in one.alarms],
    )


def _cell(name: str, cell: CellAgreement) -> CellView:
    figure = cell.figure
    return CellView(
        name=name,
        alpha=None if figure is None else figure.value,
        low=None if figure is None else figure.low,
        high=None if figure is None else figure.high,
        cases=0 if figure is None else figure.cases,
        withheld=cell.withheld,
    )


class FusedShapeView(View):
    """One fused shape, how sure it is, and how many drew it and did not."""

    question: str
    label: str | None
    image_id: str
    frame: int
    thing: str
    shape: Shape
    posterior: float
    stands: bool
    drawn: int
    not_drawn: int


class FusedCaseView(View):
    """A closed case; `fused` is false while its shapes are still to be fused."""

    case_id: str
    fused: bool
    doubts: list[str]
    """Why somebody should look at the case's masks before they are used."""
    shapes: list[FusedShapeView]


class FusedCasesView(View):
    """Closed cases in order of their identifier."""

    cases: list[FusedCaseView]
    next_after: str | None


def fused_case_view(found: FusedCase) -> FusedCaseView:
    """A case as the lead sees it: without a reader's name or code."""
    fused = found.consensus
    if fused is None:
        return FusedCaseView(case_id=found.case_id, fused=False, doubts=[], shapes=[])
    shapes = [
        FusedShapeView(
            question=one.question,
            label=one.label,
            image_id=one.image_id,
            frame=one.frame,
            thing=one.thing,
            shape=one.shape,
            posterior=one.posterior,
            stands=one.stands,
            drawn=len(one.drawn_by),
            not_drawn=len(one.not_drawn_by),
        )
        for one in fused.shapes
    ]
    return FusedCaseView(case_id=found.case_id, fused=True, doubts=list(fused.doubts), shapes=shapes)
