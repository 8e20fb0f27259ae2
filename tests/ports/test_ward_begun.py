"""Which images people have begun to read, on SQLite and PostgreSQL."""

import pytest
from sqlalchemy import Engine, insert

from node.storage.engine import Database, writing
from node.storage.ward_begun import WardBegun
from node.storage.ward_tables import case, case_image, consensus

DATABASE = Database.WARD


@pytest.fixture
def cases(engine: Engine) -> Engine:
    """Two cases of two images each."""
    with writing(engine) as connection:
        for number in (1, 2):
            connection.execute(
                insert(case).values(
                    case_id=f"case-{number}", patient_number=number, study_uid=f"1.{number}", modality="CR", part=1,
                    sex="F", age_band="40-49",
                )
            )  # fmt: skip
            for position in (0, 1):
                connection.execute(
                    insert(case_image).values(
                        image_id=f"image-{number}{position}", case_id=f"case-{number}", position=position,
                        series_uid="1.9", body_part="CHEST", view="PA", rows=16, columns=16, frames=1,
                    )
                )  # fmt: skip
    return engine


IMAGES = ["image-10", "image-11", "image-20", "image-21", "no-such-image"]


def test_images_of_cases_nobody_has_begun_are_not_named(cases: Engine) -> None:
    assert WardBegun(cases).begun(IMAGES) == frozenset()


def test_every_image_of_a_case_with_a_consensus_is_named(cases: Engine) -> None:
    with writing(cases) as connection:
        connection.execute(
            insert(consensus).values(
                project_id="p", case_id="case-2", question="q", option="yes", posterior=0.9, votes=2, abstentions=0,
                dissent=0,
            )
        )  # fmt: skip
    assert WardBegun(cases).begun(IMAGES) == {"image-20", "image-21"}
