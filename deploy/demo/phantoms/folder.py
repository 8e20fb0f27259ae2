"""The folder the demo reads: a folder of films per site and the tables beside them."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from deploy.demo.phantoms.anatomy import draw_chest
from deploy.demo.phantoms.film import Exam, film_bytes, uid_of
from deploy.demo.phantoms.lettering import write_line
from deploy.demo.phantoms.people import Person, invent_name, invent_person
from deploy.demo.phantoms.sites import SITES, Site

PATIENTS_PER_SITE: Final = 45
FILMS_PER_SITE: Final = 60
BURNED_IN_PER_SITE: Final = 2
HOLDOUT_EVERY: Final = 3
_COLUMNS: Final = {
    "labels.csv": (
        "site", "file", "sop_instance_uid", "study_instance_uid", "patient_id", "split", "label", "finding",
        "label_source", "view", "source_age", "source_sex", "transfer_syntax", "bits_stored", "licence",
    ),
    "holdout.csv": ("site", "sop_instance_uid", "file", "label"),
    "phi.csv": ("sop_instance_uid", "file", "value"),
    "burned-in.csv": ("site", "file", "sop_instance_uid", "outcome"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Film:
    exam: Exam
    patient: int
    label: int
    contents: bytes
    file: str
    instance_uid: str
    study_uid: str

    @property
    def split(self) -> str:
        return "holdout" if self.patient % HOLDOUT_EVERY == 0 else "train"


def write_phantoms(directory: Path, seed: int) -> tuple[Path, ...]:
    """The site folders, each full of films, with the tables beside them; the same bytes for the same seed.

    Raises:
        FileExistsError: a site's folder is there already; films of two drawings never mix.
    """
    for site in SITES:
        (directory / site.name).mkdir(parents=True)
    films = [film for site in SITES for film in _site_films(site, seed)]
    for film in films:
        (directory / film.file).write_bytes(film.contents)
    _write_table(directory / "labels.csv", [_label_row(film) for film in films if not film.exam.burned_in])
    _write_table(directory / "holdout.csv", [_holdout_row(film) for film in films if _is_holdout(film)])
    _write_table(directory / "phi.csv", [row for film in films for row in _phi_rows(film)])
    _write_table(directory / "burned-in.csv", [_burned_in_row(film) for film in films if film.exam.burned_in])
    return tuple(directory / site.name for site in SITES)


def _site_films(site: Site, seed: int) -> Iterator[_Film]:
    """Every patient once, some again later; the last films carry burned-in text. The label is the patient's."""
    rng = np.random.default_rng([seed, *site.name.encode()])
    people = [invent_person(rng, site.writing, prefix=site.letter, number=n) for n in range(PATIENTS_PER_SITE)]
    for number in range(FILMS_PER_SITE + BURNED_IN_PER_SITE):
        patient = number % PATIENTS_PER_SITE
        yield _film(rng, _exam(rng, site, people[patient], number), seed, patient=patient)


def _exam(rng: np.random.Generator, site: Site, person: Person, number: int) -> Exam:
    return Exam(
        site=site,
        person=person,
        day=date(2025, 1, 2) + timedelta(days=number * 7 + int(rng.integers(0, 7))),
        number=number,
        physician=invent_name(rng, site.writing)[0],
        burned_in=number >= FILMS_PER_SITE,
    )


def _film(rng: np.random.Generator, exam: Exam, seed: int, *, patient: int) -> _Film:
    label = patient // HOLDOUT_EVERY % 2
    picture = draw_chest(rng, exam.site.look, opacity=bool(label))
    if exam.burned_in:
        write_line(picture, exam.person.name.split("=")[0].replace("^", " "), row=6, column=6)
        write_line(picture, exam.person.patient_id, row=24, column=6)
    name = hashlib.sha256(f"{seed}/{exam.site.name}/{exam.number}".encode()).hexdigest()
    key = (seed, exam.site.name, exam.number)
    return _Film(
        exam=exam,
        patient=patient,
        label=label,
        contents=film_bytes(exam, picture, seed),
        file=f"{exam.site.name}/{int(name[:10], 16):012d}.dcm",
        instance_uid=uid_of(*key, "instance"),
        study_uid=uid_of(*key, "study"),
    )


def _is_holdout(film: _Film) -> bool:
    return film.split == "holdout" and not film.exam.burned_in


def _label_row(film: _Film) -> tuple[object, ...]:
    exam = film.exam
    return (
        exam.site.name, film.file, film.instance_uid, film.study_uid, exam.person.patient_id, film.split, film.label,
        "opacity" if film.label else "no finding", "drawn", "PA", exam.age, exam.person.sex,
        exam.site.transfer_syntax_uid.name, exam.site.bits_stored, "Apache-2.0",
    )  # fmt: skip


def _holdout_row(film: _Film) -> tuple[object, ...]:
    return (film.exam.site.name, film.instance_uid, film.file, film.label)


def _burned_in_row(film: _Film) -> tuple[object, ...]:
    return (film.exam.site.name, film.file, film.instance_uid, "text_blanked")


def _phi_rows(film: _Film) -> list[tuple[object, ...]]:
    exam, person = film.exam, film.exam.person
    values = {
        person.called, person.patient_id, person.address, person.telephone, person.national_number,
        f"{person.born:%Y%m%d}", exam.accession_number, exam.device_serial_number, exam.site.institution,
        *person.name.split("="), *exam.physician.split("="),
    }  # fmt: skip
    return [(film.instance_uid, film.file, value) for value in sorted(values)]


def _write_table(path: Path, rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(_COLUMNS[path.name])
        table.writerows(rows)
