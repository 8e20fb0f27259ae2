"""The words that may stay in a kept text: terms of imaging, in English and Korean. Whatever is no such word goes.

The English terms are the words of PS3.6's attribute names and those PS3.16's context groups write in lower case (in
upper case stand breeds, places and people), both as pydicom carries them, with every word of its groups of agents and
the first word of each part of the body; `vocabulary.csv` adds the words of examination names and comments. Beside the
lists, a word is known by its build: English ones that end as no name does (`-ography`, `-itis`, `-tion`), Korean ones
of known parts, with the syllables that medicine puts before and behind, unless what they come to may be a name (하지연,
조영은). Reading the lists takes a moment, once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from itertools import chain
from typing import Final, cast

from node.deidentify.korean_names import begins_like_a_name, ends_like_a_name, may_be_a_name
from node.deidentify.profile import rows

_SCHEMES: Final = ("DCM", "SCT", "RADLEX", "FMA", "LN", "NCIt", "UMLS", "IBSI", "MDC", "NEU")
_AGENTS: Final = frozenset({10, 12, 13, 18, 25, 3107, 3111, 4020, 4021})
"""PS3.16 context groups of drugs, contrast media, isotopes and radiopharmaceuticals."""
_ANATOMY: Final = frozenset(
    {4, 4009, 4028, 4029, 4030, 4031, 4040, 4042, 6116, 6117, 7152, 7160, 7192, 7600, 7602, 8134, 9514}
    | {12103, 12130, 12131, 12140}
)
"""PS3.16 context groups of regions, organs, vessels, muscles, nodes and vertebrae."""
_LATIN: Final = re.compile(r"[A-Za-z]{2,}")
_OPENING: Final = re.compile(r"[A-Z][a-z]{3,}(?![\w'’])")
"""The first word of a meaning is written large whatever it is; one that owns something (Boyd's vein) is a person's."""
# Endings of words made from Greek and Latin parts, and of abstract nouns and adjectives; no family or given name among
# the commoner ones of English ends so where the word has that length.
_BUILT: Final = re.compile(
    r"[a-z]{2,}(?:ograph(?:y|ic|ies|er)|ograms?|it(?:is|ides)|os[ei]s|ectom(?:y|ies)|otom(?:y|ies)|ostom(?:y|ies)"
    r"|oplast(?:y|ies)|oscop(?:y|ic|ies)|opath(?:y|ic|ies)|[ao]emia|algia|megaly|plegi[ac]|paresis|iasis|rrhag(?:e|ic)|rrhea|stenos[ei]s"
    r"|troph(?:y|ic)|plas(?:ia|tic)|ological|tions?|ssions?|cular|[ln]eous|iform|oidal|ically|ated|ized|ised|osed"
    r"|genic|genous|metric|lytic|thoracic|ocele|oma(?:s|ta)|ectas(?:is|es)|[a-z]mab|[eo]tide|phag(?:eal|us)|physe(?:al|s)|physis|lumbar)"
)
_SHORTEST_BUILT: Final = 7
_NAMES: Final = "names"
"""The language of words that the standard uses and people are called; a text can do without them."""
_BOTH: Final = "both"
"""The language of terms that a text cannot do without and that are frequent family or given names of English as well:
behind a title they are names."""
# Syllables that stand before a known Korean word: sides, organs, degrees; some are family names as well.
_SIDES: Final = frozenset("상하좌우전후내외양편총뇌폐골근혈흉두견슬족췌담늑척쇄대종횡재무저과다단역항비급")
# Syllables that stand behind one: bone, inflammation, cancer, disease, operation, membrane, pain, part, "-ic".
_TAILS: Final = frozenset("골염암증술막통부적")
# A bone, an inflammation, a part of the body in two syllables; no Korean is called so.
_SHORT_TERM: Final = re.compile(r"[가-힣][골염암통막부]")
# Particles and endings that Korean puts behind a noun, and those that make a verb of it.
_ENDINGS: Final = re.compile(
    r"(?:에서는|에서|에는|에도|으로는|으로|부터|까지|처럼|보다|마다|이나|이며|이고|하였습니다|했습니다|되었습니다|됐습니다"
    r"|합니다|됩니다|입니다|하십시오|하세요|하였음|되었음|했음|하는|되는|하여|되어|해서|하고|되고|하며|되며|하면|되면|하기"
    r"|되지|들의|들을|들이|에|의|은|는|이|가|을|를|로|와|과|도|및|만|시|함|됨|임|된|한|할|들)$"
)


def is_word(token: str) -> bool:
    """Whether a token is a known word, whatever its case; a Korean one also as a compound or with a particle."""
    known = _words()
    lowered = token.lower()
    if lowered in known or (len(lowered) >= _SHORTEST_BUILT and _BUILT.fullmatch(lowered)):
        return True
    if lowered.isascii():
        return False
    return _made_of(lowered, known) or (not ends_like_a_name(lowered) and _made_of(_ENDINGS.sub("", lowered), known))


def is_surname(word: str) -> bool:
    """Whether a term is a family or given name as well: behind a title it is one (Dr. Long)."""
    return word.lower() in _surnames()


@cache
def _surnames() -> frozenset[str]:
    both = (row["words"].split() for row in rows("vocabulary.csv") if row["language"] == _BOTH)
    return frozenset(chain.from_iterable(both))


def _made_of(token: str, known: frozenset[str], *, with_side: bool = True) -> bool:
    """Whether a token is known words of two syllables or more, each perhaps with a side before it, and no name.

    Where the first three syllables may be a name, none of them is taken for a side: 하 | 지연 | 환자, 유지 | 상 | 환자.
    """
    if token in known or _SHORT_TERM.fullmatch(token):
        return len(token) > 1
    if may_be_a_name(token):
        return False
    named = begins_like_a_name(token)
    if with_side and not named and token[:1] in _SIDES and len(token) > 2 and _made_of(token[1:], known):
        return True
    if token[-1:] in _TAILS and len(token) > 2 and _made_of(token[:-1], known, with_side=with_side):
        return True
    ends = range(2, min(len(token) - 1, 8))
    return any(token[:at] in known and _made_of(token[at:], known, with_side=not named) for at in ends)


@cache
def _words() -> frozenset[str]:
    """Every known word in lower case."""
    from pydicom._dicom_dict import DicomDictionary
    from pydicom.sr._concepts_dict import concepts

    listed = rows("vocabulary.csv")
    found = {word for row in listed if row["language"] not in {_NAMES, _BOTH} for word in row["words"].split()}
    meanings = cast("Mapping[str, Mapping[str, Mapping[str, tuple[str, list[int]]]]]", concepts)
    for scheme in _SCHEMES:
        for terms in meanings[scheme].values():
            for meaning, groups in terms.values():
                agent = not _AGENTS.isdisjoint(groups)
                found.update(word.lower() for word in _LATIN.findall(meaning) if agent or word.islower())
                opening = _OPENING.match(meaning)
                if opening and not _ANATOMY.isdisjoint(groups):
                    found.add(opening[0].lower())
    for _, _, name, *_ in DicomDictionary.values():
        found.update(_LATIN.findall(name.lower()))
    names = {word for row in listed if row["language"] == _NAMES for word in row["words"].split()}
    return frozenset(found - names)
