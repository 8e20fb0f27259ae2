"""A PostgreSQL cluster of a test's own, on a unix socket only; initdb refuses root, so root lends it to `postgres`."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL
from waiting import patient

REMEDY = "PostgreSQL is not installed. Remedy: apt-get install postgresql, or set INTRAMUROS_TEST_POSTGRES to a URL"
DEBIAN = Path("/usr/lib/postgresql")


class ClusterMissing(Exception):
    """No PostgreSQL server can be started here; the text says why."""


@contextmanager
def running_cluster(*options: str) -> Iterator[str]:
    """The URL of a database of a server that runs with these options; gone afterwards. Raises: ClusterMissing."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        programs = _programs()
        _start(programs, folder, options)
    except ClusterMissing:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    url = URL.create("postgresql", username="postgres", database="postgres", query={"host": str(folder)})
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        _as_server([str(programs / "pg_ctl"), "-D", str(folder / "cluster"), "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    installed = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda found: int(found.parts[-3]))
    if not installed:
        raise ClusterMissing(REMEDY)
    return installed[-1].parent


def _start(programs: Path, folder: Path, options: tuple[str, ...]) -> None:
    cluster = folder / "cluster"
    if os.geteuid() == 0:
        account = _server_account()
        os.chown(folder, account.pw_uid, account.pw_gid)
    initdb = [str(programs / "initdb"), "-D", str(cluster), "-U", "postgres", "-A", "trust"]
    _as_server([*initdb, "--encoding=UTF8", "--locale=C", "--no-sync"])
    asked = ("listen_addresses=''", f"unix_socket_directories={folder}", *options)
    said = " ".join(f"-c {option}" for option in asked)
    _as_server([str(programs / "pg_ctl"), "-D", str(cluster), "-w", "-l", str(folder / "log"), "-o", said, "start"])


def _server_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise ClusterMissing("initdb refuses root, and there is no account postgres; set the URL") from None


def _as_server(command: list[str]) -> None:
    """The command ran, as the account `postgres` where this process is root: initdb refuses root."""
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=patient(60), cwd="/", check=False)
    if done.returncode:
        raise ClusterMissing(f"PostgreSQL did not start: {done.stderr.strip().splitlines()[-1:]}")
