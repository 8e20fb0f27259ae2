"""The label schemas that come with the product: complete, in both languages, with codes the standard knows."""

from typing import Any

import pytest
from pydicom.sr import _concepts_dict

from node.labeling.schema_shelf import schema_of, schemas
from protocols.labels import CodedConcept, LabelSchema, QuestionKind

ALL = list(schemas().values())
PRESENCE = {("SCT", "2667000", "Absent"), ("SCT", "52101004", "Present")}
"""SNOMED CT's own qualifiers; the first schema has carried them since the first release."""
HANGUL = range(0xAC00, 0xD7A4)


def coded(schema: LabelSchema) -> list[CodedConcept]:
    found = [question.concept for question in schema.questions]
    found += [option.concept for question in schema.questions for option in question.options]
    return [concept for concept in found if concept is not None]


def test_the_templates_are_there() -> None:
    codes = {"chest-film-abnormal", "chest-film-findings", "lung-nodule", "breast-mammography", "generic-box"}
    assert {schema.schema_code for schema in ALL} >= codes | {"generic-mask"}


@pytest.mark.parametrize("schema", ALL, ids=lambda schema: schema.schema_code)
def test_every_text_is_korean_in_korean(schema: LabelSchema) -> None:
    texts = [schema.title, *(question.text for question in schema.questions)]
    texts += [option.text for question in schema.questions for option in question.options]
    assert [text.ko for text in texts if not any(ord(letter) in HANGUL for letter in text.ko)] == []


@pytest.mark.parametrize("schema", ALL, ids=lambda schema: schema.schema_code)
def test_every_code_is_one_of_the_standards_context_groups(schema: LabelSchema) -> None:
    """Source: DICOM PS3.16, as pydicom ships its context groups."""
    concepts: dict[str, dict[str, Any]] = _concepts_dict.concepts
    known = {
        (scheme, value, meaning)
        for scheme, words in concepts.items()
        for meanings in words.values()
        for value, (meaning, _) in meanings.items()
    }
    assert {(concept.scheme, concept.value, concept.meaning) for concept in coded(schema)} <= known | PRESENCE


def test_chest_films_have_the_22_local_and_6_global_labels_of_vindr_cxr() -> None:
    """Source: Nguyen et al., VinDr-CXR, Scientific Data 9, 429 (2022), doi:10.1038/s41597-022-01498-w."""
    findings, diagnoses = schema_of("chest-film-findings", 1).questions
    assert (len(findings.options), len(diagnoses.options)) == (22, 6)
    assert {option.code for option in diagnoses.options if option.alone} == {"no-finding"}


def test_lung_nodules_have_the_nine_attributes_of_lidc_per_nodule() -> None:
    """Source: Armato et al., LIDC/IDRI, Medical Physics 38, 915 (2011), doi:10.1118/1.3528204."""
    nodules, *attributes = schema_of("lung-nodule", 1).questions
    assert nodules.kind is QuestionKind.GEOMETRY
    assert {question.code for question in attributes if question.per_mark == "nodules"} == {
        *("subtlety", "internal-structure", "calcification", "sphericity", "margin"),
        *("lobulation", "spiculation", "texture", "malignancy"),
    }


def test_breast_density_is_coded_by_the_standards_group_of_bi_rads() -> None:
    """Source: DICOM PS3.16, CID 6001."""
    density = schema_of("breast-mammography", 1).question("density")
    assert density is not None
    assert [option.concept.value for option in density.options if option.concept] == [
        *("129716005", "129717001"),
        *("129718006", "129719003"),
    ]
