"""What looks like an identifier wherever it stands in a text: numbers of people, telephones, dates, addresses, links.

Resident registration numbers are known by their date and century digit; whether the check digit fits is not asked,
since numbers given after October 2020 carry none. A number of six digits or more is taken for an identifier.
Source: the number formats as Korean offices publish them; HIPAA Safe Harbor (45 CFR 164.514) for the rest.
"""

from __future__ import annotations

import re
from typing import Final

from node.deidentify.korean_names import may_be_a_name, spaced_names
from node.deidentify.vocabulary import is_surname, is_word

GONE: Final = " \ue000 "
"""Stands where something was, so that what is left on both sides does not meet; no word, so it goes in the end."""
_GAP = r"[\s.\-–_/]{0,2}"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_ROAD = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|way|court|(?-i:Ct|ct)|place|pl|blvd|boulevard|close|terrace|row)"
    r"\b\.?"
)
_TOWN = r"(?:,\s*(?-i:[A-Z][a-z]+)(?:\s(?-i:[A-Z][a-z]+))?)*"
_HOUSE = r"\s*\d+(?:번길)?(?:\s*-?\s*\d+)*(?:\s*\d+(?:동|층|호))*"
_KOREAN_ROAD = rf"(?:[가-힣]+(?:시|군|구)\s*[가-힣]+\d*(?:로|길|동|읍|면|리)|[가-힣]{{2,}}\d*(?:로|길)){_HOUSE}"
_SHAPES: Final = (
    # Ages of ninety and more.
    r"\b(?:9\d|1[0-2]\d)\s*-?\s*(?:세|살|y/?o\b|yrs?\b|years?\b|y\b)",
    r"\b[MF]\s?/\s?(?:9\d|1[0-2]\d)\b|\b(?:9\d|1[0-2]\d)\s?/\s?[MF]\b",
    # Links, addresses of machines, UIDs.
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    r"(?:https?://|www\.)\S+",
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b",
    r"\b[0-2](?:\.\d+){4,}\b",
    # A resident registration number, whole or masked.
    rf"\b\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){_GAP}\d(?:[\d*xX#●]{{6}})(?!\d)",
    r"\b\d{6}\s?-\s?[0-9](?!\d)",
    # Telephones: abroad, Korean mobile and land lines, service numbers, three and four.
    r"\+\d[\d\s().\-]{6,}\d",
    rf"\(?\b0(?:1[016789]|2|[3-6]\d|70|80|50\d?)\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}}\b",
    r"\b1[5-8]\d{2}[\s\-]\d{4}\b",
    r"\(?\b\d{3}\)?[\s.\-]\d{3}[\s.\-]\d{4}\b",
    # Licences, passports, hospital numbers.
    r"\b\d{2}-\d{2}-\d{6}-\d{2}\b",
    r"\b\d{2}-\d{6}-\d{2}\b",
    r"\b[A-Za-z]{1,3}\d{3}[A-Za-z]\d{4}\b",
    r"\b[A-Za-z]{1,5}[\-_#:]?\d{4,}(?:-\w+)*\b",
    # Dates.
    r"\b\d{4}\s?[-./년]\s?\d{1,2}\s?[-./월]\s?\d{1,2}\s?일?",
    r"\b\d{1,2}\s?[-./월]\s?\d{1,2}\s?[-./일]\s?(?:19|20)?\d{2}\b",
    r"\b\d{1,2}월\s?\d{1,2}일",
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?[\s.\-/]*{_MONTH}[\s,.\-/]*\d{{2,4}}\b",
    rf"\b{_MONTH}\s*\d{{1,2}}(?:st|nd|rd|th)?,?\s*\d{{2,4}}\b",
    r"\b(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4,6})?\b",
    # Addresses.
    rf"\b\d{{1,5}}[A-Za-z]?\s+(?:[A-Za-z'.]+\s+){{1,4}}{_ROAD}{_TOWN}",
    rf"(?:[가-힣]+(?:시|도)\s*)?{_KOREAN_ROAD}",
    r"\d{1,4}동\s*\d{1,4}호",
    # Long numbers of any kind.
    r"\b\d+(?:[\-–]\d+){2,}\b",
    r"\b\d{6,}\b",
    r"\b\d{3,}[\-–]\d{3,}\b",
)
_TEXT: Final = re.compile("|".join(_SHAPES), re.IGNORECASE)
_LABELS: Final = (
    r"\b(?:mrn|pid|(?:patient |pt )?id|acc(?:ession)?(?: no)?|chart(?: no)?|case no)\b",
    r"\b(?:reg|hosp(?:ital)?)(?: no)?\b",
    r"\b(?:licen[cs]e(?: no)?|passport(?: no)?|insurance(?: no)?|room|ward|bed|phone|tel|mobile|fax|dob|ssn|rrn)\b",
    r"\b(?:serial(?: no)?|s/n)\b",
    r"(?:환자|등록|차트|병록|접수|장비)번호|면허(?:번호)?|여권(?:번호)?|보험증?번호|주민(?:등록)?번호|전화(?:번호)?",
    r"연락처|휴대폰|생년월일|생일|주소|병실|호실",
)
_LABELLED: Final = re.compile(
    f"(?:{'|'.join(_LABELS)})" + r"\s*[.:#=]*\s*(?:제\s*)?[\w\-*/]*\d[\w\-*/]*(?:\s*호)?", re.IGNORECASE
)
_NAMES = r"(?P<names>(?:[A-Z][\w'’\-]*\.?[\s,^]*){1,3})"
_NAME: Final = re.compile(r"([A-Z][\w'’\-]*)\.?[\s,^]*")
_PERSON: Final = re.compile(
    r"(?i:\b(?:dr|doctor|prof|professor|mr(?=\.)|mrs|ms|miss|nurse)\b\.?\s*|(?-i:\bMr\b)\s*"
    r"|\b(?:(?:patient|pt)(?: name)?|name|tech(?:nologist)?|operator|radiographer|radiologist|physician|attending"
    r"|resident|surgeon|mother|father|wife|husband|son|daughter|contact|guardian)\s*[:=]\s*"
    r"|\b(?:referred|ref|read|reported|ordered|performed|signed|requested) by\b[:.]?\s*(?i:dr\b\.?\s*)?)" + _NAMES
)
_TITLES_OF_ONE = "님|씨|교수|선생|원장|과장"
_TITLES_OF_MANY = "전공의|전문의|의사|간호사|방사선사|환자|기사"
"""Before these stands a term as often as a name (정상 환자): two syllables that are a word are left."""
_BEHIND_A_TITLE = r"님?(?:의|이|가|은|는|을|를|와|과|도|께서?|에게서?|한테)?(?![가-힣])"
_AFTER_LABEL: Final = re.compile(
    r"(?:성명|이름|환자명|수진자|보호자|배우자|담당의|주치의|집도의|의뢰의|의뢰자|판독의|판독자|검사자|촬영자|방사선사)"
    r"\s*[:=]?\s*(?:[가-힣]\s[가-힣]{2}|[가-힣]{2,4})(?![가-힣])"
)
_BEFORE_TITLE: Final = re.compile(
    rf"([가-힣]{{2,4}})\s?(?:(?P<one>{_TITLES_OF_ONE})|{_TITLES_OF_MANY}){_BEHIND_A_TITLE}"
)


def without_identifiers(text: str) -> str:
    """The text with `GONE` for every span that looks like an identifier."""
    for pattern in (_LABELLED, _TEXT):
        text = pattern.sub(GONE, text)
    text = _AFTER_LABEL.sub(GONE, _PERSON.sub(_without_names, text))
    text = _BEFORE_TITLE.sub(lambda found: GONE if _called(found[1], found["one"]) else found[0], text)
    return spaced_names(text, GONE, is_word)


def _called(word: str, title_of_one: str | None) -> bool:
    """Whether a word before a title is somebody's name."""
    return not is_word(word) or (may_be_a_name(word) and (len(word) > 2 or title_of_one is not None))


def _without_names(found: re.Match[str]) -> str:
    """`GONE` for the title and the names behind it: the first word whatever it is, another unless it is a mere term."""
    names = found["names"]
    end = 0
    for number, one in enumerate(_NAME.finditer(names)):
        if number and is_word(one[1]) and not is_surname(one[1]):
            break
        end = one.end()
    return GONE + names[end:]
