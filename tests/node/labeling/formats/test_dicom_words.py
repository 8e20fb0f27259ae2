"""Every word of every schema of this node has a code of its own in DICOM, and is known again by it."""

from __future__ import annotations

import pytest
from fakes.exported import SCHEMA
from pydicom.sr.coding import Code

from node.labeling.formats.dicom_words import SCHEMA_SCHEME, Words
from node.labeling.schema_shelf import schemas
from protocols.labels import CodedConcept, LabelSchema, Option


def key(code: Code) -> tuple[str, str]:
    return code.value, code.scheme_designator


@pytest.mark.parametrize("schema", [*schemas().values(), SCHEMA], ids=lambda one: one.schema_code)
def test_every_word_is_known_again_by_its_code(schema: LabelSchema) -> None:
    words = Words(schema)
    for question in schema.questions:
        code = words.question(question.code)
        assert words.question_of(key(code)) == question.code
        assert len(code.scheme_designator) <= 16
        assert len(code.meaning) <= 64
        for option in question.options:
            said = words.option(question.code, option.code)
            assert words.option_of(question.code, key(said)) == option.code
            assert key(said) != key(code)


def test_a_concept_goes_out_as_itself_and_a_shared_one_as_the_schemas_word() -> None:
    question = SCHEMA.questions[0]
    assert Words(SCHEMA).question(question.code).scheme_designator == "RADLEX"
    alike = CodedConcept(value="1", scheme="SCT", meaning="Same")
    options = tuple(Option(code=code, text=question.text, concept=alike) for code in ("one", "other"))
    shared = SCHEMA.model_copy(update={"questions": (question.model_copy(update={"options": options}),)})
    assert Words(shared).option(question.code, "one").scheme_designator == SCHEMA_SCHEME


def test_a_code_of_elsewhere_is_refused() -> None:
    words = Words(SCHEMA)
    with pytest.raises(ValueError, match="does not have"):
        words.question_of(("1", "SCT"))
    with pytest.raises(ValueError, match="does not have"):
        words.option_of("opacity", ("1", "SCT"))
    with pytest.raises(ValueError, match="does not have"):
        words.option("unheard", "of")
