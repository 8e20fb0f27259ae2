"""A changed schema or guideline touches only the readings that do not stand under it."""

from datetime import UTC, datetime
from typing import Any

import factories
import pytest

from node.labeling.errors import RevisionRefused
from node.labeling.reading import Answer, Reading, ReadingContent
from node.labeling.requeue import GuidelineChange, Revision, check_guideline, touched_questions, touched_readings
from protocols.label_rules import Condition, NumberRule
from protocols.labels import Bilingual, LabelSchema, Level, Question, QuestionKind

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BASE = factories.a_rich_label_schema()
SEEN, SIZE = BASE.questions[0], BASE.questions[4]
BEFORE = factories.a_rich_label_schema(questions=(SEEN, SIZE))
YES = [{"question": "seen", "option": "yes", "confidence": 1}, {"question": "size", "number": 12}]
NO = [{"question": "seen", "option": "no", "confidence": 1}]


def after(*questions: Question) -> LabelSchema:
    return factories.a_rich_label_schema(questions=questions, schema_version=4)


def changed(question: Question, **changes: Any) -> Question:
    return question.model_copy(update=changes)


def touched(later: LabelSchema, said: list[dict[str, Any]], *guideline: GuidelineChange) -> frozenset[str]:
    answers = [Answer.model_validate(answer) for answer in said]
    return touched_questions(Revision(BEFORE, later, guideline), answers, ())


NARROWER = changed(SIZE, number=NumberRule(unit="mm", minimum=0.0, maximum=10.0))
WIDER = changed(SIZE, number=NumberRule(unit="mm", minimum=0.0, maximum=900.0))
REWORDED = changed(SEEN, text=Bilingual(en="Seen at all?", ko="보입니까?"))
WITH_PERHAPS = changed(SEEN, options=(*SEEN.options, changed_option := SEEN.options[0].model_copy(
    update={"code": "perhaps"})))  # fmt: skip
WITHOUT_NO = changed(SEEN, options=(SEEN.options[0], changed_option))
DEPTH = Question(
    code="depth", level=Level.STUDY, text=Bilingual(en="?", ko="?"), kind=QuestionKind.NUMBER, number=SIZE.number,
    when=Condition(question="seen", one_of=("yes",)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("later", "of_yes", "of_no"),
    [
        (after(SEEN, SIZE), set(), set()),
        (after(REWORDED, SIZE), set(), set()),
        (after(SEEN), set(), set()),
        (after(SEEN, WIDER), set(), set()),
        (after(SEEN, NARROWER), {"size"}, set()),
        (after(SEEN, SIZE, DEPTH), {"depth"}, set()),
        (after(SEEN, SIZE, changed(DEPTH, when=None)), {"depth"}, {"depth"}),
        (after(WITH_PERHAPS, SIZE), {"seen"}, {"seen"}),
        (after(SEEN, changed(SIZE, when=None)), set(), {"size"}),
        (after(SEEN, changed(SIZE, when=Condition(question="seen", one_of=("no",)))), {"size"}, {"size"}),
    ],
)
def test_a_change_touches_the_answers_that_do_not_stand(later: LabelSchema, of_yes: set[str], of_no: set[str]) -> None:
    assert [set(touched(later, said)) for said in (YES, NO)] == [of_yes, of_no]


def test_an_option_taken_away_touches_who_chose_it_and_what_hung_on_it() -> None:
    before = Revision(after(WITH_PERHAPS), after(WITHOUT_NO))
    for option, questions in (("no", {"seen"}), ("yes", set())):
        said = [Answer(question="seen", option=option, confidence=1)]
        assert touched_questions(before, said, ()) == questions


def test_a_changed_guideline_touches_what_the_lead_says_it_is_about() -> None:
    same = after(SEEN, SIZE)
    assert touched(same, YES, GuidelineChange("size")) == {"size"}
    assert touched(same, NO, GuidelineChange("size")) == frozenset()
    assert touched(same, YES, GuidelineChange("seen", frozenset({"no"}))) == frozenset()
    assert touched(same, NO, GuidelineChange("seen", frozenset({"no"}))) == {"seen"}


def test_each_reading_is_asked_for_itself_and_of_a_case_the_lead_names_all_are_made_anew() -> None:
    readings = [
        Reading(f"r{n}", f"a{n}", "p", case, f"reader-{n}", NOW, ReadingContent(answers=answers, seconds_active=1))
        for n, (case, said) in enumerate([("one", YES), ("one", NO), ("two", NO), ("three", YES)])
        if (answers := tuple(Answer.model_validate(answer) for answer in said))
    ]

    def anew(revision: Revision) -> list[str]:
        return [reading.reading_id for reading in touched_readings(revision, readings, {})]

    assert anew(Revision(BEFORE, after(SEEN, NARROWER))) == ["r0", "r3"]
    assert anew(Revision(BEFORE, BEFORE, (GuidelineChange("size"),))) == ["r0", "r3"]
    assert anew(Revision(BEFORE, BEFORE, cases=frozenset({"one", "two"}))) == ["r0", "r1", "r2"]
    assert anew(Revision(BEFORE, BEFORE)) == []


@pytest.mark.parametrize("change", [GuidelineChange("other"), GuidelineChange("seen", frozenset({"perhaps"}))])
def test_a_guideline_about_what_the_schema_does_not_have_is_refused(change: GuidelineChange) -> None:
    check_guideline(BEFORE, [GuidelineChange("seen", frozenset({"no"})), GuidelineChange("size")])
    with pytest.raises(RevisionRefused):
        check_guideline(BEFORE, [change])
