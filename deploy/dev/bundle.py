"""`make bundle`: one file with all that a hospital, a coordinator or a partner installs without internet.

`bundle.py OUT` gathers the wheels of what this environment runs (as the lock pins it, the tools of developers left
out) and this tree's own wheel with the built page; writes their SHA-256 beside them, with a script that compares
before it installs; and packs all of it into OUT/intramuros-VERSION-pyX.Y-MACHINE.tar. Nothing of it needs Node.
"""

import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = ("node", "coordinator", "partner", "postgres")
PAGE = "node/web/dist/index.html"
# Only its model files are read, so what it asks for stays out, as in set-up.
ASKS_FOR_NOTHING = "rapidocr-onnxruntime"


def asked_for(part: str, extras: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What `part` needs here: each name, with the extras it is wanted with."""
    if part == ASKS_FOR_NOTHING:
        return
    for line in requires(part) or []:
        wanted = Requirement(line)
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonicalize_name(wanted.name), tuple(sorted(wanted.extras))


def parts(extras: Sequence[str] = EXTRAS) -> list[str]:
    """`name==version` of all that Intramuros needs to run with these extras, itself left out, in order of name.

    Raises importlib.metadata.PackageNotFoundError where this environment lacks one.
    """
    pins: dict[str, str] = {}
    seen: set[tuple[str, tuple[str, ...]]] = set()
    waiting = [("intramuros", tuple(extras))]
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        pins[part[0]] = version(part[0]).split("+")[0]
        waiting.extend(asked_for(*part))
    del pins["intramuros"]
    return [f"{name}=={pins[name]}" for name in sorted(pins)]


def own_wheel(folder: Path, tree: Path = ROOT) -> None:
    """The wheel of `tree`, in `folder`. Raises SystemExit where it does not carry the built page."""
    subprocess.run(
        [sys.executable, "-P", "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder.resolve())],
        cwd=tree,
        check=True,
    )
    if PAGE not in zipfile.ZipFile(next(folder.glob("intramuros-*.whl"))).namelist():
        raise SystemExit(f"The page is not built: {PAGE} is missing. Remedy: make page")


def gather(folder: Path) -> None:
    """The wheel of every part, in `folder`; a part that comes as sources only is built here."""
    command = [sys.executable, "-P", "-m", "pip", "wheel", "-qq", "--no-deps", "--wheel-dir", str(folder), *parts()]
    subprocess.run(command, check=True)


def digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def seal(folder: Path) -> None:
    """Beside `folder`/wheels: what pip may install, by digest, for which Python; the script; the sums of all."""
    lines = []
    for wheel in sorted((folder / "wheels").iterdir()):
        name, release, _, _ = parse_wheel_filename(wheel.name)
        lines.append(f"{name}=={release} --hash=sha256:{digest(wheel)}\n")
    (folder / "requirements.txt").write_text("".join(lines))
    (folder / "python").write_text("{}.{}\n".format(*sys.version_info))
    shutil.copy(Path(__file__).with_name("install.sh"), folder / "install.sh")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    (folder / "SHA256SUMS").write_text("".join(f"{digest(path)}  {path.relative_to(folder)}\n" for path in files))


def packed(folder: Path, out: Path) -> Path:
    """`folder` as one tar in `out`, without names or times of the machine that made it."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = ""
        member.mode = 0o755 if member.isdir() or member.name.endswith(".sh") else 0o644
        return member

    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{folder.name}.tar"
    with tarfile.open(file, "w") as tar:
        for path in sorted(folder.rglob("*")):
            tar.add(path, str(path.relative_to(folder.parent)), recursive=False, filter=plain)
    return file


def main(out: Path) -> None:
    name = f"intramuros-{version('intramuros')}-py{sys.version_info[0]}.{sys.version_info[1]}-{platform.machine()}"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / name
        (folder / "wheels").mkdir(parents=True)
        own_wheel(folder / "wheels")
        gather(folder / "wheels")
        seal(folder)
        file = packed(folder, out)
    words = re.findall("....", digest(file))
    print(f"{file}   {file.stat().st_size >> 20} MiB, {len(parts()) + 1} parts")
    print(f"SHA-256, to compare before it is unpacked: {' '.join(words)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
