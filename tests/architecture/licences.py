"""Every part that the locks pin is under a licence we may pass on.

Run by `make check`: `python tests/architecture/licences.py requirements.lock [package-lock.json ...]`.
Permissive licences pass. LGPL and MPL parts pass when they are named in LISTED with the reason. GPL, AGPL and what
cannot be read fail. Programs that tests start beside us (Orthanc, dcmtk, PostgreSQL) are no parts and not in a lock.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

PERMISSIVE = frozenset(
    {
        *("0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC-BY-3.0"),
        *("CC-BY-4.0", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Public-Domain"),
        *("Python-2.0", "Unlicense", "WTFPL", "Zlib"),
    }
)

# Weak copyleft: used unchanged, replaceable by whoever runs the product. Each by name, with why it is here;
# a name covers its own builds (psycopg-binary, lightningcss-linux-x64-gnu).
LISTED: Mapping[str, str] = {
    "certifi": "MPL-2.0: the list of certificate authorities, through requests and httpx",
    "hypothesis": "MPL-2.0: property tests only, not shipped",
    "pathspec": "MPL-2.0: file patterns, through flwr and hatchling",
    "tqdm": "MPL-2.0 AND MIT: progress bars, through dicom-anonymizer, a peer in benchmarks only, not shipped",
    "psycopg": "LGPL-3.0-only: the PostgreSQL driver, loaded only where a site chooses PostgreSQL",
    "axe-core": "MPL-2.0: accessibility checks in browser tests only, not shipped",
    "lightningcss": "MPL-2.0: builds the page, not shipped",
}

# Parts whose metadata names no licence: read in their licence file, by hand.
READ_BY_HAND: Mapping[str, str] = {
    "axe-playwright-python": "MIT",
    "rechoir": "MIT",  # its package names it in a form that npm's lock leaves out; Cornerstone3D's tools, not shipped
}

FROM_WORDS: Mapping[str, str] = {
    "2-clause bsd license": "BSD-2-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd license": "BSD",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "public domain": "Public-Domain",
    "python software foundation license": "PSF-2.0",
}


def allowed(name: str, expression: str) -> bool:
    """True where `expression` (SPDX, without nesting) is permissive, or weak copyleft that is listed by name."""
    choices = re.split(r"\s+OR\s+", expression.strip().strip("()"))
    return any(all(term_allowed(name, term) for term in re.split(r"\s+AND\s+", choice)) for choice in choices)


def term_allowed(name: str, term: str) -> bool:
    """True for one licence identifier, an exception to it (WITH ...) only ever giving more."""
    identifier = term.split(" WITH ", maxsplit=1)[0].strip()
    if identifier.startswith(("LGPL-", "MPL-")):
        return any(name == listed or name.startswith(f"{listed}-") for listed in LISTED)
    return identifier in PERMISSIVE


def licence_of(name: str) -> str:
    """The SPDX expression of an installed part; an empty text where its metadata names none."""
    fields = metadata(name)
    if "License-Expression" in fields:
        return fields["License-Expression"]
    classifiers = [
        line.rsplit("::", 1)[-1].strip() for line in fields.get_all("Classifier", []) if "License ::" in line
    ]
    words = [word for word in classifiers if word != "DFSG approved"]
    if not words and "License" in fields:
        words = fields["License"].splitlines()[:1]
    return " OR ".join(FROM_WORDS.get(word.lower(), word) for word in words if word) or READ_BY_HAND.get(name, "")


def pinned(lock: Path) -> list[str]:
    """The names that a requirements lock pins, in PyPI's normal form."""
    lines = [
        line.split("==")[0].strip()
        for line in lock.read_text().splitlines()
        if "==" in line and not line.startswith("#")
    ]
    return [re.sub(r"[-_.]+", "-", line).lower() for line in lines]


def python_faults(lock: Path) -> Iterator[str]:
    """One sentence for each pinned part that may not be passed on, or is not installed and so cannot be read."""
    for name in pinned(lock):
        try:
            expression = licence_of(name)
        except PackageNotFoundError:
            yield f"{name}: pinned in {lock.name} but not installed; run make setup"
            continue
        if not allowed(name, expression):
            yield f"{name}: licence {expression or 'not named'!r} is neither permissive nor listed"


def page_faults(lock: Path) -> Iterator[str]:
    """The same for a page's package-lock.json, which carries each part's licence."""
    for place, part in json.loads(lock.read_text())["packages"].items():
        name = place.rpartition("node_modules/")[2]
        licence = str(part.get("license") or READ_BY_HAND.get(name, ""))
        if name and not part.get("link") and not allowed(name, licence):
            yield f"{name}: licence {part.get('license', 'not named')!r} is neither permissive nor listed"


def faults(lock: Path) -> list[str]:
    """What is wrong with one lock."""
    return list(page_faults(lock) if lock.suffix == ".json" else python_faults(lock))


if __name__ == "__main__":
    found = [fault for argument in sys.argv[1:] for fault in faults(Path(argument))]
    print("\n".join(found) or "licences: every pinned part may be passed on")
    sys.exit(bool(found))
