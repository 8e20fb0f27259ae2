"""What is planted in kept texts: a named category each, made for a person, in Latin and in Korean sentences.

`Text` says what the text holds and which parts of it must be gone. The forms are those people write; the generator
makes them by its own rules and knows nothing of the product's.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from planting.people import CITIES, DISTRICTS, ROADS, STREETS, Invented, digits, invent, resident_number


@dataclass(frozen=True, slots=True)
class Text:
    """What fills the slot, and the parts of it that tell something."""

    filled: str
    telling: tuple[str, ...]
    korean: bool = False


Maker = Callable[[Invented, random.Random], Text]


def one(made: str, *, korean: bool = False, said: str = "@") -> Text:
    """A slot filled by one telling part, with what is said around it."""
    return Text(said.replace("@", made), (made,), korean)


def own_latin(person: Invented, rng: random.Random) -> Text:
    family, given = person.latin_family, person.latin_given
    form = rng.choice((f"{given} {family}", f"{family} {given}", f"{family}, {given}", f"{family}^{given}"))
    return one(form.upper() if rng.random() < 0.3 else form)


def own_family(person: Invented, rng: random.Random) -> Text:
    return one(f"{rng.choice(('Mr', 'Ms', 'Pt.'))} {person.latin_family}")


def own_initial(person: Invented, rng: random.Random) -> Text:
    return one(f"{person.latin_given[0]}. {person.latin_family}")


def own_hangul(person: Invented, rng: random.Random) -> Text:
    spaced = f"{person.hangul_family} {person.hangul_given}"
    return one(rng.choice((person.hangul, spaced, person.hangul + "님")), korean=True)


def own_romanised(person: Invented, rng: random.Random) -> Text:
    family, first, second = person.romanised
    joined, hyphen = first + second, f"{first}-{second}"
    return one(
        rng.choice((f"{family} {joined}", f"{hyphen} {family}", f"{first} {second.title()} {family}", joined + family))
    )


def own_hanja(person: Invented, rng: random.Random) -> Text:
    return one(person.hanja, korean=True)


def doctor_latin(person: Invented, rng: random.Random) -> Text:
    other = invent(rng)
    return one(f"{rng.choice(('Dr.', 'Dr', 'read by', 'Prof.'))} {other.latin_family}")


def stranger_latin(person: Invented, rng: random.Random) -> Text:
    other = invent(rng)
    return one(f"{other.latin_given} {other.latin_family.replace('Stone', 'Vance')}", said="Name: @")


def stranger_hangul(person: Invented, rng: random.Random) -> Text:
    other = invent(rng)
    return one(other.hangul, korean=True, said=rng.choice(("보호자 @", "@ 교수", "주치의: @", "방사선사 @")))


def rrn_checked(person: Invented, rng: random.Random) -> Text:
    return one(resident_number(person, rng), korean=rng.random() < 0.5)


def rrn_unchecked(person: Invented, rng: random.Random) -> Text:
    return one(resident_number(person, rng, checked=False), korean=rng.random() < 0.5)


def rrn_joined(person: Invented, rng: random.Random) -> Text:
    return one(resident_number(person, rng).replace("-", ""), korean=True)


def rrn_spaced(person: Invented, rng: random.Random) -> Text:
    return one(resident_number(person, rng).replace("-", " - "), korean=True)


def rrn_foreigner(person: Invented, rng: random.Random) -> Text:
    return one(resident_number(person, rng, checked=False, foreign=True))


def rrn_masked(person: Invented, rng: random.Random) -> Text:
    return one(resident_number(person, rng)[:8] + "******", korean=True)


def mobile(person: Invented, rng: random.Random) -> Text:
    number = f"010{rng.choice('-. ')}{digits(rng, 4)}{rng.choice('-. ')}{digits(rng, 4)}"
    return one(rng.choice((number, "010" + digits(rng, 8))), korean=rng.random() < 0.5)


def landline(person: Invented, rng: random.Random) -> Text:
    area = rng.choice(("02", "031", "051", "070", "(02)", "064"))
    return one(f"{area}-{digits(rng, 3)}-{digits(rng, 4)}".replace(")-", ") "), korean=True)


def abroad(person: Invented, rng: random.Random) -> Text:
    return one(f"+{rng.choice(('82 10', '1 212', '44 20'))} {digits(rng, 4)} {digits(rng, 4)}")


def driver_licence(person: Invented, rng: random.Random) -> Text:
    return one(f"{rng.randint(11, 28)}-{digits(rng, 2)}-{digits(rng, 6)}-{digits(rng, 2)}", korean=True)


def passport_old(person: Invented, rng: random.Random) -> Text:
    return one(rng.choice("MSRG") + digits(rng, 8))


def passport_new(person: Invented, rng: random.Random) -> Text:
    return one(f"M{digits(rng, 3)}{rng.choice('ABCDEF')}{digits(rng, 4)}")


def medical_licence(person: Invented, rng: random.Random) -> Text:
    return one(digits(rng, 5), korean=True, said=rng.choice(("면허 @", "면허번호 @", "의사면허 제@호")))


def insurance(person: Invented, rng: random.Random) -> Text:
    return one(f"{rng.randint(1, 8)}-{digits(rng, 10)}", korean=True)


def chart_number(person: Invented, rng: random.Random) -> Text:
    return one(
        rng.choice((digits(rng, 8), f"{rng.choice('HPX')}{digits(rng, 7)}", f"{digits(rng, 4)}-{digits(rng, 4)}"))
    )


def chart_labelled(person: Invented, rng: random.Random) -> Text:
    label, korean = rng.choice((("MRN", False), ("ID:", False), ("등록번호", True), ("차트번호:", True)))
    return one(digits(rng, 5), korean=korean, said=f"{label} @")


def mail(person: Invented, rng: random.Random) -> Text:
    return one(f"{person.latin_given}.{person.latin_family}@example.org".lower().replace("'", ""))


def link(person: Invented, rng: random.Random) -> Text:
    return one(f"https://pacs.example.org/view?study={digits(rng, 6)}")


def day_iso(person: Invented, rng: random.Random) -> Text:
    return one(f"20{rng.randint(10, 25)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}")


def day_dotted(person: Invented, rng: random.Random) -> Text:
    return one(f"20{rng.randint(10, 25)}. {rng.randint(1, 12)}. {rng.randint(1, 28)}.", korean=True)


def day_korean(person: Invented, rng: random.Random) -> Text:
    return one(f"20{rng.randint(10, 25)}년 {rng.randint(1, 12)}월 {rng.randint(1, 28)}일", korean=True)


def day_english(person: Invented, rng: random.Random) -> Text:
    day, month, year = (
        rng.randint(1, 28),
        rng.choice("January Feb March Jul Sep October Dec".split()),
        rng.randint(2010, 2025),
    )
    return one(rng.choice((f"{day} {month} {year}", f"{month} {day}, {year}", f"{day}-{month[:3].upper()}-{year}")))


def day_slashed(person: Invented, rng: random.Random) -> Text:
    return one(f"{rng.randint(1, 12):02d}/{rng.randint(1, 28):02d}/{rng.choice((2019, 2021, 24))}")


def day_joined(person: Invented, rng: random.Random) -> Text:
    return one(f"20{rng.randint(10, 25)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}")


def birthday(person: Invented, rng: random.Random) -> Text:
    month, day = f"{person.month:02d}", f"{person.day:02d}"
    form = rng.choice((f"{person.year}-{month}-{day}", person.born[2:], f"{person.year}.{month}.{day}"))
    return one(form, korean=True, said=rng.choice(("@", "생년월일 @")))


def address_korean(person: Invented, rng: random.Random) -> Text:
    place, road = f"{rng.choice(CITIES)} {rng.choice(DISTRICTS)}", f"{rng.choice(ROADS)} {digits(rng, 3)}"
    return Text(f"{place} {road}", (*place.split(), road.split(maxsplit=1)[0], road), korean=True)


def address_latin(person: Invented, rng: random.Random) -> Text:
    return one(f"{digits(rng, 3)} {rng.choice(STREETS)}")


def flat(person: Invented, rng: random.Random) -> Text:
    return one(f"{rng.randint(101, 120)}동 {rng.randint(101, 2505)}호", korean=True)


def ward(person: Invented, rng: random.Random) -> Text:
    return (
        one(f"{rng.randint(301, 1299)}", said="Room @")
        if rng.random() < 0.5
        else one(digits(rng, 4), korean=True, said="병실 @호")
    )


def aged(person: Invented, rng: random.Random) -> Text:
    years = rng.randint(90, 108)
    form, korean = rng.choice(
        ((f"{years}세", True), (f"{years} y/o", False), (f"M/{years}", False), (f"{years} years", False))
    )
    return Text(form, (form,), korean)


def uid(person: Invented, rng: random.Random) -> Text:
    return one(f"1.2.410.200{digits(rng, 3)}.{digits(rng, 6)}.{digits(rng, 9)}")


def full_width(person: Invented, rng: random.Random) -> Text:
    plain = resident_number(person, rng)
    return one("".join(chr(ord(one) + 0xFEE0) if one.isdigit() else one for one in plain), korean=True)


TEXTS: dict[str, Maker] = {
    f"text {maker.__name__.replace('_', ' ')}": maker
    for maker in (
        own_latin, own_family, own_initial, own_hangul, own_romanised, own_hanja, doctor_latin, stranger_latin,
        stranger_hangul, rrn_checked, rrn_unchecked, rrn_joined, rrn_spaced, rrn_foreigner, rrn_masked, mobile,
        landline, abroad, driver_licence, passport_old, passport_new, medical_licence, insurance, chart_number,
        chart_labelled, mail, link, day_iso, day_dotted, day_korean, day_english, day_slashed, day_joined,
        birthday, address_korean, address_latin, flat, ward, aged, uid, full_width,
    )
}  # fmt: skip
