"""Start a real Slurm on loopback, as whoever asks: one node that runs two tasks at once."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from postgres import free_port

DAEMONS = ("munged", "slurmctld", "slurmd")
# They are where only root looks for programs.
_PATH = f"{os.environ['PATH']}:/usr/sbin"


class Slurm(NamedTuple):
    """Hold where jobs are handed in, and the environment that they and Slurm's commands run in."""

    directory: Path
    environment: dict[str, str]

    def says(self, *command: str) -> str:
        """Run a command there; return what it printed."""
        done = subprocess.run(
            command, check=True, cwd=self.directory, env=self.environment, stdout=subprocess.PIPE, text=True
        )
        return done.stdout.strip()

    def state(self, job: str) -> str:
        """Return what has become of a job, or of one task of an array: 17_3."""
        return self.says("scontrol", "show", "job", job).partition("JobState=")[2].split()[0]

    def finish(self) -> None:
        """Wait until no job waits or runs."""
        while self.says("squeue", "--noheader"):
            time.sleep(0.1)


def is_here() -> bool:
    """Return whether Slurm is installed."""
    return all(shutil.which(name, path=_PATH) for name in DAEMONS)


@contextmanager
def started(own: Path, directory: Path, environment: dict[str, str]) -> Iterator[Slurm]:
    """Start Slurm with its files in a directory of its own, and stop it afterwards with all of its jobs."""
    settings = own / "slurm.conf"
    settings.write_text(_settings(own))
    (own / "key").touch(0o600)
    (own / "key").write_bytes(os.urandom(128))
    munge = own / "munge"
    files = [f"--{name}-file={own / f'munged.{name}'}" for name in ("log", "pid", "seed")]
    # Everybody may write in the directory that holds those of tests, which munged finds unsafe.
    munged = ["munged", "--foreground", "--force", f"--key-file={own / 'key'}", f"--socket={munge}", *files]
    slurm = Slurm(directory, {**environment, "SLURM_CONF": str(settings)})
    with ExitStack() as running:
        _start(running, own, *munged, until=munge.is_socket)
        _start(running, own, "slurmctld", "-D", "-f", settings, until=lambda: _is_up(slurm))
        _start(
            running, own, "slurmd", "-D", "-N", "node", "-f", settings, until=lambda: _is_up(slurm, "idle")
        )
        running.callback(slurm.finish)
        running.callback(slurm.says, "scancel", "--user", _user())
        yield slurm


def _start(running: ExitStack, own: Path, name: str, *options: str | Path, until: Callable[[], bool]) -> None:
    log = own / f"{name}.out"
    with log.open("w") as out:
        daemon = subprocess.Popen(
            [shutil.which(name, path=_PATH) or name, *options],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    running.enter_context(daemon)
    running.callback(daemon.terminate)
    while not until():
        assert daemon.poll() is None, log.read_text()
        time.sleep(0.1)


def _is_up(slurm: Slurm, node: str = "") -> bool:
    """Return whether the controller answers, and its node is in that state."""
    asked = subprocess.run(
        ["sinfo", "--noheader", "--format=%T"],
        env=slurm.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return asked.returncode == 0 and node in asked.stdout


def _user() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _settings(own: Path) -> str:
    return f"""
ClusterName=tests
SlurmctldHost={socket.gethostname()}(127.0.0.1)
SlurmctldPort={free_port()}
SlurmctldPidFile={own}/slurmctld.pid
SlurmdPidFile={own}/slurmd.pid
SlurmdSpoolDir={own}/spool
StateSaveLocation={own}/state
SlurmUser={_user()}
SlurmdUser={_user()}
AuthInfo=socket={own}/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
# Of a machine with fewer processors, too.
SlurmdParameters=config_overrides
# What became of a job is kept for as long as a test may take.
MinJobAge=86400
NodeName=node NodeAddr=127.0.0.1 Port={free_port()} CPUs=2
PartitionName=all Nodes=node Default=YES
"""
