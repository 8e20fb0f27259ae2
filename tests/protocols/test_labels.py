"""Label schemas: every kind of question, what a schema may not be, and what changed between two versions."""

from pathlib import Path
from typing import Any

import factories
import pytest
from pydantic import ValidationError

from protocols.encoding import decode
from protocols.label_changes import ChangeKind, QuestionChange, schema_changes
from protocols.label_rules import Condition, GeometryRule, NumberRule, ShapeKind
from protocols.labels import NO_OPINION, Abstention, Bilingual, LabelSchema, Question, QuestionKind

VECTOR_1 = Path(__file__).parent.parent / "vectors" / "label-schema.v1.frame"
RICH = factories.a_rich_label_schema()
K = QuestionKind


def question(of: str, /, **changes: Any) -> Question:
    found = RICH.question(of)
    assert found is not None
    return Question.model_validate({name: getattr(found, name) for name in Question.model_fields} | changes)


def with_question(code: str, **changes: Any) -> LabelSchema:
    changed = tuple(question(one.code, **(changes if one.code == code else {})) for one in RICH.questions)
    return factories.a_rich_label_schema(questions=changed)


def test_a_schema_of_the_first_version_is_read_as_single_choices_always_asked() -> None:
    schema, _ = decode(VECTOR_1.read_bytes(), LabelSchema)
    assert schema == factories.a_label_schema()
    (only,) = schema.questions
    assert (only.kind, only.when, only.per_mark, only.abstentions) == (K.SINGLE, None, None, NO_OPINION)


def test_only_free_text_may_not_leave() -> None:
    assert {one.code for one in RICH.questions if not one.may_leave} == {"remark"}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("seen", {"options": ()}),
        ("seen", {"number": NumberRule(unit="mm", minimum=0.0, maximum=1.0)}),
        ("seen", {"abstentions": (Abstention.ABSENT,)}),
        ("seen", {"abstentions": (Abstention.INDETERMINATE, Abstention.INDETERMINATE)}),
        ("where", {"geometry": None}),
        ("where", {"max_characters": 5}),
        ("subtlety", {"kind": K.NUMBER}),
        ("size", {"number": None}),
        ("size", {"options": RICH.questions[0].options}),
        ("remark", {"max_characters": None}),
        ("remark", {"max_characters": 2001}),
    ],
)
def test_a_question_has_what_its_kind_needs_and_nothing_else(code: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        question(code, **changes)


@pytest.mark.parametrize(
    "make",
    [
        lambda: NumberRule(unit="mm", minimum=1.0, maximum=1.0),
        lambda: NumberRule(unit="milli metre", minimum=0.0, maximum=1.0),
        lambda: GeometryRule(shapes=()),
        lambda: GeometryRule(shapes=(ShapeKind.BOX, ShapeKind.BOX)),
        lambda: GeometryRule(shapes=(ShapeKind.BOX,), at_most=0),
    ],
)
def test_a_rule_without_sense_is_refused(make: Any) -> None:
    with pytest.raises(ValidationError):
        make()


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("subtlety", {"per_mark": "seen"}),
        ("subtlety", {"per_mark": "nothing"}),
        ("where", {"per_mark": "where"}),
        ("size", {"when": Condition(question="nothing", one_of=("yes",))}),
        ("size", {"when": Condition(question="where", one_of=("yes",))}),
        ("size", {"when": Condition(question="seen", one_of=("perhaps",))}),
        ("size", {"when": Condition(question="subtlety", one_of=("step-1",))}),
        ("size", {"when": Condition(question="signs", one_of=("step-1",))}),
        ("seen", {"when": Condition(question="seen", one_of=("yes",))}),
    ],
)
def test_questions_refer_to_others_only_where_that_can_be_answered(code: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        with_question(code, **changes)


def test_conditions_that_go_round_in_a_circle_are_refused() -> None:
    first = question("seen", when=Condition(question="other", one_of=("yes",)))
    other = question("seen", code="other", when=Condition(question="seen", one_of=("yes",)))
    with pytest.raises(ValidationError, match="circle"):
        factories.a_rich_label_schema(questions=(first, other))


def test_the_same_schema_has_no_changes() -> None:
    assert schema_changes(RICH, factories.a_rich_label_schema(schema_version=4)) == ()


def test_every_way_a_question_changes_is_told_apart() -> None:
    new = question("size", code="depth")
    reworded = question("seen", text=Bilingual(en="Seen at all?", ko="보입니까?"))
    narrower = question("size", number=NumberRule(unit="mm", minimum=0.0, maximum=100.0))
    kept = (question("where"), question("subtlety"), question("signs"))
    after = factories.a_rich_label_schema(questions=(reworded, *kept, narrower, new))
    assert schema_changes(RICH, after) == (
        QuestionChange("seen", ChangeKind.REWORDED),
        QuestionChange("size", ChangeKind.CHANGED),
        QuestionChange("depth", ChangeKind.ADDED),
        QuestionChange("remark", ChangeKind.REMOVED),
    )


def test_a_new_text_of_an_option_is_a_rewording_and_a_new_option_is_a_change() -> None:
    options = question("seen").options
    said_otherwise = (options[0].model_copy(update={"text": Bilingual(en="Sure", ko="예")}), options[1])
    one_more = (*options, options[0].model_copy(update={"code": "perhaps"}))
    kinds = [
        schema_changes(RICH, with_question("seen", options=changed))[0].kind for changed in (said_otherwise, one_more)
    ]
    assert kinds == [ChangeKind.REWORDED, ChangeKind.CHANGED]
