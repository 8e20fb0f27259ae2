"""What is planted outside kept texts: in names, numbers, dates, UIDs, sequences and private elements of a header."""

from __future__ import annotations

import random
from collections.abc import Iterator

from planting.people import CITIES, DISTRICTS, HOSPITALS, ROADS, Invented, digits, invent, resident_number
from pydicom import DataElement, Dataset, Sequence

Row = tuple[str, str, str, str]
"""Category, action, where, value."""
DICTIONARY_TAGS = {
    "name of the referrer": (0x00080090, "PN"),
    "name of the performer": (0x00081050, "PN"),
    "name of the operator": (0x00081070, "PN"),
    "name of the requester": (0x00321032, "PN"),
    "name of the mother": (0x00101060, "PN"),
    "other patient names": (0x00101001, "PN"),
    "responsible person": (0x00102297, "PN"),
}
NUMBER_TAGS = {
    "other patient ids": (0x00101000, "LO"),
    "accession number": (0x00080050, "SH"),
    "study id": (0x00200010, "SH"),
    "admission id": (0x00380010, "LO"),
    "telephone": (0x00102154, "SH"),
    "medical record locator": (0x00101090, "LO"),
    "requested procedure id": (0x00401001, "SH"),
    "order number": (0x00402016, "LO"),
}


def plant_header(image: Dataset, person: Invented, rng: random.Random) -> Iterator[Row]:
    """Every header plant put into the image, and the actions it asks for."""
    for plant in (_own_identity, _others, _numbers, _places, _days, _uids, _figures, _sequences, _private):
        yield from plant(image, person, rng)


def gone(category: str, where: str, value: str) -> Row:
    """Long values may stand nowhere; a short one is looked for where it was, since UIDs are full of digits."""
    day = value.isdigit() and len(value) == 8  # a moved date may fall on it
    return category, "gone" if len(value) >= 8 and not day else "remove", where, value


def tag_text(tag: int) -> str:
    return f"{tag:08X}"


def _own_identity(image: Dataset, person: Invented, rng: random.Random) -> Iterator[Row]:
    latin = f"{person.latin_family}^{person.latin_given}"
    hangul = f"{person.hangul_family}^{person.hangul_given}"
    image.PatientName = f"{latin}={person.hanja[:1]}^{person.hanja[1:]}={hangul}"
    image.PatientID = f"{rng.choice('HPX')}{digits(rng, 8)}"
    image.PatientBirthDate, image.PatientSex = person.born, "F" if person.female else "M"
    image.PatientAge = f"{2025 - person.year:03d}Y"
    for category, value in (("own name latin", latin), ("own name hangul", hangul)):
        yield gone(category, "00100010", value)
    yield "own name hanja", "remove", "00100010", person.hanja[1:]
    yield gone("patient id", "00100020", image.PatientID)
    yield "birth date", "remove", "00100030", person.born
    yield "sex kept", "same", "00100040", image.PatientSex
    yield "age kept", "same", "00101010", image.PatientAge


def _others(image: Dataset, _person: Invented, rng: random.Random) -> Iterator[Row]:
    for category, (tag, vr) in DICTIONARY_TAGS.items():
        other = invent(rng)
        name = rng.choice((f"{other.latin_family}^{other.latin_given}", f"{other.hangul_family}^{other.hangul_given}"))
        image[tag] = DataElement(tag, vr, name)
        yield gone(category, tag_text(tag), name)


def _numbers(image: Dataset, person: Invented, rng: random.Random) -> Iterator[Row]:
    for category, (tag, vr) in NUMBER_TAGS.items():
        value = resident_number(person, rng) if category == "other patient ids" else digits(rng, 9)
        image[tag] = DataElement(tag, vr, value)
        yield gone(category, tag_text(tag), value)


def _places(image: Dataset, _person: Invented, rng: random.Random) -> Iterator[Row]:
    image.InstitutionName = rng.choice(HOSPITALS)
    image.InstitutionAddress = f"{rng.choice(CITIES)} {rng.choice(DISTRICTS)} {rng.choice(ROADS)} {digits(rng, 3)}"
    image.PatientAddress = f"{rng.choice(CITIES)} {rng.choice(DISTRICTS)} {rng.choice(ROADS)} {digits(rng, 2)}"
    for keyword in ("InstitutionName", "InstitutionAddress", "PatientAddress"):
        element = image[keyword]
        yield gone(f"place {keyword}", tag_text(int(element.tag)), str(element.value))


def _days(image: Dataset, _person: Invented, rng: random.Random) -> Iterator[Row]:
    day = f"20{rng.randint(15, 24)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    image.StudyDate = image.SeriesDate = image.ContentDate = day
    image.AcquisitionDateTime = f"{day}{rng.randint(0, 23):02d}1530"
    for tag in ("00080020", "00080021", "00080023"):
        yield "dates moved", "move", tag, day
    yield "moments moved", "move", "0008002A", image.AcquisitionDateTime


def _uids(image: Dataset, _person: Invented, rng: random.Random) -> Iterator[Row]:
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        setattr(image, keyword, f"1.2.410.200{digits(rng, 3)}.{digits(rng, 8)}.{digits(rng, 8)}")
        element = image[keyword]
        yield "uids mapped", "map", tag_text(int(element.tag)), str(element.value)
        yield gone("uids gone", tag_text(int(element.tag)), str(element.value))
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID


def _figures(image: Dataset, _person: Invented, rng: random.Random) -> Iterator[Row]:
    image.SliceThickness, image.KVP = f"{rng.randint(5, 50) / 10}", f"{rng.randint(60, 140)}"
    image.ImagePositionPatient = [f"{rng.randint(-2000, 2000) / 10}" for _ in range(3)]
    image.PatientWeight = f"{rng.randint(400, 1100) / 10}"
    for tag, value in (("00180050", image.SliceThickness), ("00180060", image.KVP), ("00101030", image.PatientWeight)):
        yield "numbers kept", "same", tag, str(value)
    yield "numbers kept", "same", "00200032", "\\".join(str(one) for one in image.ImagePositionPatient)


def _sequences(image: Dataset, person: Invented, rng: random.Random) -> Iterator[Row]:
    reference, request, other = Dataset(), Dataset(), Dataset()
    reference.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    reference.ReferencedSOPInstanceUID = f"1.2.410.200777.{digits(rng, 9)}.{digits(rng, 9)}"
    reference.PatientComments = f"nested {person.latin_given} {person.latin_family}"
    request.RequestedProcedureID = digits(rng, 9)
    request.RequestingPhysician = "^".join(reversed(person.romanised[:2]))
    other.PatientID, other.PatientName = digits(rng, 10), person.hangul
    image.SourceImageSequence = Sequence([reference])
    image.RequestAttributesSequence = Sequence([request])
    image.OtherPatientIDsSequence = Sequence([other])
    yield "nested uid", "map", "00082112.0.00081155", reference.ReferencedSOPInstanceUID
    yield gone("nested uid gone", "", reference.ReferencedSOPInstanceUID)
    yield "nested text", "remove", "00082112.0.00104000", person.latin_given
    yield gone("nested request id", "00400275.0.00401001", request.RequestedProcedureID)
    yield gone("nested patient id", "", other.PatientID)
    yield "nested name", "remove", "00101002.0.00100010", person.hangul


def _private(image: Dataset, person: Invented, rng: random.Random) -> Iterator[Row]:
    block = image.private_block(0x0029, "OWN MAKER 1.0", create=True)
    inner = Dataset()
    inner.PatientID = digits(rng, 10)
    secrets = (resident_number(person, rng), digits(rng, 11))
    block.add_new(1, "LO", secrets[0])
    block.add_new(2, "UN", secrets[1].encode() + b" ")
    block.add_new(3, "SQ", Sequence([inner]))
    safe = image.private_block(0x0019, "GEMS_ACQU_01", create=True)
    safe.add_new(0x23, "DS", str(rng.choice((0, 500, 1000))))
    safe.add_new(0x0F, "SH", f"X{digits(rng, 8)}")
    for category, value in (("private text", secrets[0]), ("private unknown", secrets[1])):
        yield gone(category, "", value)
    yield gone("private nested", "", inner.PatientID)
    yield gone("private in a safe block", "", str(image[0x0019100F].value))
    yield "safe private number", "same", "00191023", str(image[0x00191023].value)
