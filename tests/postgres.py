"""Start a real PostgreSQL on loopback, as an ordinary user, with a password that is wanted of everybody."""

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

USER = "explainer"
PASSWORD = "known-to-few"
_NUMBERS = itertools.count()


def find_programs() -> Path | None:
    """Return the directory of PostgreSQL's programs, the newest of Debian's if none are on the path."""
    if on_path := shutil.which("initdb"):
        # What is on the path may be a link to one of them alone.
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    return found[-1] if found else None


class Server(NamedTuple):
    """Hold where a server listens, and the command that controls it."""

    port: int
    control: list[str | Path]

    def restart(self) -> None:
        """End whatever is under way there."""
        _run([*self.control, "-m", "immediate", "restart"])


@contextmanager
def started(programs: Path) -> Iterator[Server]:
    """Start a server with nothing in it, and stop it afterwards."""
    # It will not run as root, and pytest's directories are closed to others than their owner.
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    become: list[str | Path] = ["setpriv"]
    if owner:
        become += [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        secret = directory / "secret"
        secret.write_text(PASSWORD)
        if owner:
            os.chown(directory, owner.pw_uid, owner.pw_gid)
            os.chown(secret, owner.pw_uid, owner.pw_gid)
        data = directory / "data"
        told: list[str | Path] = [
            "-D",
            data,
            "-U",
            USER,
            "--pwfile",
            secret,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]
        _run([*become, programs / "initdb", *told])
        port = free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        log = directory / "log"
        control = [*become, programs / "pg_ctl", "-D", data, "-w", "-t", "300"]
        _run([*control, "-l", log, "-o", options, "start"])
        try:
            # As a restart finds them in a file.
            yield Server(port, [*control, "-l", log])
        finally:
            _run([*control, "-m", "immediate", "stop"])


def new_database(port: int, template: str = "template1") -> str:
    """Make a database, as a copy of another; return how libpq finds it."""
    name = f"lake{next(_NUMBERS)}"
    server = ["-h", "127.0.0.1", "-p", str(port), "-U", USER]
    # A database that somebody has open is not copied, and who has closed it may not have left yet.
    others = f"select count(*) from pg_stat_activity where datname = '{template}'"
    while int(_output([f"{find_programs()}/psql", *server, "-d", "postgres", "-Atc", others])):
        time.sleep(0.01)
    _output([f"{find_programs()}/createdb", *server, "-T", template, name])
    return f"host=127.0.0.1 port={port} user={USER} dbname={name}"


def _output(command: list[str]) -> str:
    environment = os.environ | {"PGPASSWORD": PASSWORD}
    return subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout


def _run(command: list[str | Path]) -> None:
    # pg_ctl's child keeps its output open.
    subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def free_port() -> int:
    """Return a port of loopback on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
