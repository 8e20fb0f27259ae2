"""The console script `intramuros`: one door to every role.

Rules:
- Standard library only: it must start, and say what is wrong, where nothing else is installed.
- It becomes the role's process (exec), so signals, arguments and exit codes pass through untouched.
- It refuses to start when the four packages do not come from one home: a foreign distribution that also carries a
  folder named `node` would otherwise be run in place of ours, without a word.

It does not parse what follows the role's name; each role explains its own arguments.
"""

import base64
import hashlib
import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROLES: Mapping[str, str] = {
    "demo": "deploy.demo",
    "node": "node",
    "coordinator": "coordinator",
    "partner": "coordinator.partner",
}
PACKAGES = ("node", "coordinator", "protocols", "deploy")

WRONG_USAGE = 2
WRONG_ENVIRONMENT = 78

HELP = """\
usage: intramuros ROLE [ARGUMENTS ...]
       intramuros --help | --version

Clinicians label images inside their hospital, AI partners train over many hospitals,
and no raw patient datum leaves.

roles:
  demo         hospitals, a coordinator and a partner on this one machine: the whole main job
               in minutes, on drawn phantoms or on your own folder (--images DIR)
  node         one hospital: receive, de-identify, label, approve, train, see what left
  coordinator  outside the hospitals: invite them, carry rounds, publish models
  partner      an AI firm's client: submit a plan, follow it, fetch and verify a release

first steps:
  intramuros demo                      see everything once
  intramuros node --help               what a hospital's IT can do
  intramuros ROLE COMMAND --help       the arguments of one command

exit codes:
  0   done
  1   the role says what failed, and what to do
  2   the command line was not understood
  78  this environment is not fit: wrong Python, or packages from two places
"""

TWO_HOMES_EN = (
    "Intramuros will not start: another program has put its own files in place of ours ({names}). "
    "Install Intramuros into an environment of its own."
)
TWO_HOMES_KO = (
    "Intramuros를 시작하지 않습니다: 다른 프로그램의 파일이 Intramuros의 파일 자리에 있습니다 ({names}). "
    "Intramuros 전용 환경에 설치해 주세요."
)
REMEDY = "Debian 12: apt-get install python3.11 python3.11-venv"
OTHER_PYTHON_EN = "Intramuros runs on Python 3.11 or 3.12; this is {version}. " + REMEDY
OTHER_PYTHON_KO = "Intramuros는 Python 3.11 또는 3.12에서 실행됩니다. 현재 버전은 {version}입니다. " + REMEDY


def main() -> int:
    """The role on the command line runs in this process' place; a code comes back only where none was started."""
    return launch(sys.argv[1:])


def launch(arguments: Sequence[str]) -> int:
    """The role has taken this process over, or the reason stands on the terminal and its code comes back."""
    match arguments:
        case [] | ["help"] | ["-h"] | ["--help"]:
            print(HELP, end="")
            return 0
        case ["--version"]:
            print(f"intramuros {installed_version()}")
            return 0
        case [role, *rest] if role in ROLES:
            return refusal() or become(ROLES[role], rest)
        case _:
            print(
                f"intramuros: there is no role {arguments[0]!r}; one of {', '.join(ROLES)}\n\n{HELP}",
                end="",
                file=sys.stderr,
            )
            return WRONG_USAGE


def become(module: str, arguments: Sequence[str]) -> int:
    """This process is `python -m module`, its working folder kept off the import path."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-P", "-m", module, *arguments])  # noqa: S606 - the interpreter that runs us, no shell


def refusal() -> int:
    """0 where this environment is fit to start a role; otherwise the sentence is printed and its exit code returned."""
    if not (3, 11) <= sys.version_info[:2] < (3, 13):
        version = ".".join(map(str, sys.version_info[:3]))
        return refuse(OTHER_PYTHON_EN.format(version=version), OTHER_PYTHON_KO.format(version=version))
    if names := strangers():
        return refuse(TWO_HOMES_EN.format(names=", ".join(names)), TWO_HOMES_KO.format(names=", ".join(names)))
    return 0


def refuse(*sentences: str) -> int:
    """The sentences stand on the terminal, one a line."""
    print("\n".join(sentences), file=sys.stderr)
    return WRONG_ENVIRONMENT


def strangers() -> list[str]:
    """The names of ours that are missing, lie in another home than this file, or were overwritten since."""
    home = Path(__file__).resolve().parent.parent
    recorded = recorded_digests(home)
    return [name for name in PACKAGES if home_of(name) != home or overwritten(home / name / "__init__.py", recorded)]


def home_of(name: str) -> Path | None:
    """The folder that Python would import `name` from; None where it would not find it, or find no package of ours."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).resolve().parent.parent if spec and spec.origin else None


def recorded_digests(home: Path) -> dict[Path, str]:
    """The digests that the installer wrote down for files under `home`; empty for a working tree."""
    try:
        files = importlib.metadata.distribution("intramuros").files or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    digests = {
        Path(str(file.locate())).resolve(): file.hash.value
        for file in files
        if file.hash and file.name == "__init__.py"
    }
    return {path: digest for path, digest in digests.items() if path.is_relative_to(home)}


def overwritten(path: Path, recorded: Mapping[Path, str]) -> bool:
    """True where `path` no longer carries the bytes that were installed. Source: PEP 427, the RECORD file."""
    if path not in recorded:
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest())
    return digest.rstrip(b"=").decode() != recorded[path]


def installed_version() -> str:
    """The version of the installed distribution; words where this tree was never installed."""
    try:
        return importlib.metadata.version("intramuros")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed: a working tree; run make setup)"


if __name__ == "__main__":
    sys.exit(main())
