"""Whoever types a command is told every refusal in the language of the terminal: both languages say it, alike."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import coordinator.ground.texts
import coordinator.partner.words
import node.ground.texts

ROOT = Path(__file__).resolve().parents[2]
ROOTS = {"node": "node.ground.errors.NodeError", "coordinator": "coordinator.ground.errors.CoordinatorError"}

# Refusals that no command ends with, and who answers them instead: whole stations, or single leaves of others.
ANSWERED_BY: Mapping[str, str] = {
    r"node\.deidentify\..*": "a verdict on the image, or the page's problem",
    r"node\.labeling\..*|node\.flows\.(approve|quarantine)\..*|node\.flows\.desk\.DeskRefused": "the page",
    r"node\.readers\.errors\.(Application.*|CertificateRefused|PledgeOutdated|RateRefused)": "the page",
    r"node\.readers\.errors\.(PasswordTooWeak|PersonUnknown|SessionEnded|SignInRefused|SignInThrottled)": "the page",
    r"node\.intake\.reidentification\..*": "the page",
    r"node\.teaching\.errors\.(CertificateUnknown|(Course|Exam)\w+)": "the page",
    r"node\.pay\.errors\.(Card|Categories|Contest|Correction|Month|StatementUnk|Verdict|Withh)\w*": "the page",
    r"node\.consensus\..*": "a figure that is not there, or the page",
    r"node\.intake\.(errors\.SealBroken|part10\.FileBroken)": "intake sets the bytes aside, and counts them",
    r"node\.flows\.commit\.ReportNotTaken": "the next attempt of the report, and the page once it is given up",
    r"node\.intake\.errors\.SourceTrouble": "the next attempt of the pull, and its list of what was given up",
    r"node\.training\..*|node\.release\..*|node\.edges\.fit\..*|node\.storage\.wall_models\..*": "a code to the plan",
    r"node\.edges\.federation\..*|node\.storage\.round_store\..*": "the wall's next try",
    r"node\.flows\.(benefit\.ModelMissing|cohort\.FilmUnreadable|inbox\.InboxRefused)": "the wall's next try",
    r"node\.flows\.coordinator_line\..*": "`join`, with a refusal of its own",
    r"node\.ground\.at_once\.NotAtOnce": "the same question, asked where it may wait",
    r"node\.ground\.texts\.TextMissing|coordinator\.ground\.texts\.TextMissing": "these tests",
    r"coordinator\.(acceptance|aggregation|rounds)\..*|coordinator\.flows\.scene\..*": "the run, with its end",
    r"coordinator\.edges\.(federation|front|web)\..*|coordinator\.flows\.reconcile\..*": "the next try",
    r"coordinator\.flows\.(overview\.ReleaseMissing|sign_in\..*)": "the interface",
    r"coordinator\.membership\.invitation\..*|coordinator\.offers\.(approval|plan)\.\w+Refused": "the interface",
    r"coordinator\.membership\.(partner\.PartnerUnknown|site\.(SiteNotAdmitted|TransportKeyRefused))": "the interface",
    r"coordinator\.membership\.(ledger_root\.RootRefused|roster\.(PeerWordRefused|Roster\w+))": "the interface",
    r"coordinator\.ground\.certificates\.HostsMissing": "nobody: `init` always names hosts",
    r"coordinator\.storage\.model_files\..*": "the run, with its end",
}

TABLES = {
    "node": [node.ground.texts.table(language) for language in node.ground.texts.Language],
    "coordinator": [coordinator.ground.texts.table(language) for language in coordinator.ground.texts.Language],
    "coordinator.partner": [coordinator.partner.words.table(language) for language in ("en", "ko")],
}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def modules(package: str) -> dict[str, ast.Module]:
    paths = [path for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts]
    return {module_of(path): ast.parse(path.read_text()) for path in paths}


def named_in(module: str, tree: ast.Module) -> dict[str, str]:
    """What the names of a module stand for: its own classes, and what it imports from others."""
    imported = {
        alias.asname or alias.name: f"{line.module}.{alias.name}"
        for line in ast.walk(tree)
        if isinstance(line, ast.ImportFrom)
        for alias in line.names
    }
    return imported | {line.name: f"{module}.{line.name}" for line in tree.body if isinstance(line, ast.ClassDef)}


@cache
def classes(package: str) -> dict[str, tuple[list[str], str | None]]:
    """Every class of a package: its bases, and the key of its text where it has one."""
    found = {}
    for module, tree in modules(package).items():
        names = named_in(module, tree)
        for line in tree.body:
            if isinstance(line, ast.ClassDef):
                bases = [names.get(base.id, base.id) for base in line.bases if isinstance(base, ast.Name)]
                found[names[line.name]] = (bases, text_key(line))
    return found


def text_key(line: ast.ClassDef) -> str | None:
    for inner in line.body:
        match inner:
            case ast.Assign(targets=[ast.Name(id="text_key")], value=ast.Constant(value=str(key))):
                return key
            case _:
                pass
    return None


def is_a(package: str, name: str, ancestor: str) -> bool:
    bases, _ = classes(package).get(name, ([], None))
    return name == ancestor or any(is_a(package, base, ancestor) for base in bases)


def leaves(package: str) -> list[str]:
    """The errors of a package that nothing is derived from."""
    errors = [name for name in classes(package) if is_a(package, name, ROOTS[package])]
    above = {base for name in errors for base in classes(package)[name][0]}
    return [name for name in errors if name not in above]


def told(package: str) -> dict[str, str | None]:
    """The keys of the refusals that are told to whoever types a command."""
    root = f"{package}.ground.told.Told"
    return {name: key for name, (_, key) in classes(package).items() if name != root and is_a(package, name, root)}


def holes(template: str) -> set[str]:
    """The fields that a text leaves open."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def raised(package: str) -> Iterator[tuple[str, str, set[str]]]:
    """Where a told refusal is made: the place, its key, and the fields it is given."""
    keys = told(package)
    for module, tree in modules(package).items():
        names = named_in(module, tree)
        for line in ast.walk(tree):
            match line:
                case ast.Call(func=ast.Name(id=name), args=[], keywords=given) if keys.get(names.get(name, "")):
                    yield f"{module}:{line.lineno}", keys[names[name]] or "", {one.arg or "" for one in given}
                case ast.Raise(exc=ast.Name(id=name)) if keys.get(names.get(name, "")):
                    yield f"{module}:{line.lineno}", keys[names[name]] or "", set()
                case _:
                    pass


@pytest.mark.parametrize("package", ROOTS)
def test_every_refusal_is_told_in_a_text_or_answered_by_somebody_else(package: str) -> None:
    known = told(package)
    untold = [name for name in leaves(package) if not known.get(name)]
    assert [name for name in untold if not any(re.fullmatch(kind, name) for kind in ANSWERED_BY)] == []


def test_what_is_answered_by_somebody_else_is_still_there_and_not_told() -> None:
    untold = [name for package in ROOTS for name in leaves(package) if not told(package).get(name)]
    kinds = [kind for kinds in ANSWERED_BY for kind in re.split(r"\|(?=node|coordinator)", kinds)]
    assert [kind for kind in kinds if not any(re.fullmatch(kind, name) for name in untold)] == []


@pytest.mark.parametrize("package", TABLES)
def test_both_languages_have_the_same_texts_with_the_same_fields(package: str) -> None:
    english, korean = TABLES[package]
    assert english.keys() == korean.keys()
    assert [key for key in english if holes(english[key]) != holes(korean[key])] == []


@pytest.mark.parametrize("package", ROOTS)
def test_every_refusal_gives_its_text_exactly_the_fields_it_leaves_open(package: str) -> None:
    english, _ = TABLES[package]
    assert [key for key in told(package).values() if key and key not in english] == []
    made = list(raised(package))
    assert [(place, key) for place, key, given in made if given != holes(english[key])] == []
    assert len(made) > 20


def test_every_refusal_of_the_partners_client_is_said_from_a_text_with_its_fields() -> None:
    english, _ = TABLES["coordinator.partner"]
    kinds = {name for name in classes("coordinator") if name.startswith("coordinator.partner.errors.")}
    made = []
    for module, tree in modules("coordinator").items():
        names = named_in(module, tree)
        for line in ast.walk(tree):
            match line:
                case ast.Call(func=ast.Name(id=name), args=given, keywords=fields) if names.get(name) in kinds:
                    key = ast.literal_eval(given[0])
                    made.append(key)
                    assert {one.arg for one in fields} == holes(english[key]), key
                case _:
                    pass
    assert len(made) > 20


def pattern(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w-]+"


def patterns(package: str) -> tuple[set[str], list[re.Pattern[str]]]:
    """The keys that code names, in full or as a part of a longer word that it makes."""
    whole, made = set(), []
    for tree in modules(package).values():
        for line in ast.walk(tree):
            if isinstance(line, ast.Constant) and isinstance(line.value, str):
                whole.add(line.value)
            if isinstance(line, ast.JoinedStr):
                made.append(re.compile("".join(map(pattern, line.values))))
    return whole, [one for one in made if re.match(r"[a-z]{3}[\w.\\-]*\[\\w-\]\+$", one.pattern)]


@pytest.mark.parametrize("package", TABLES)
def test_no_text_is_left_that_nothing_says(package: str) -> None:
    whole, made = patterns(package.partition(".")[0])
    words = {key: {key, key.partition(".")[2] or key} for key in TABLES[package][0]}
    silent = [key for key, forms in words.items() if not forms & whole]
    assert [key for key in silent if not any(one.fullmatch(form) for one in made for form in words[key])] == []
