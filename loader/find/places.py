"""Look at files and directories, and only where the user let us: every look of a walk passes here.

A place leads out if its real path, after links and `..`, lies outside the given directories; it is looked at
only with `follow`. A place that the system keeps us from looking at is listed, and remembered as hidden: what
was loaded from there before is not gone.
"""

import errno
import os
from collections.abc import Collection, Sequence
from operator import attrgetter
from pathlib import Path

from ..records import Problem, Severity
from .names import CONFIG, is_passed_over, parse_latent, run_id_of

_NAME, _PATH = attrgetter("name"), attrgetter("path")
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class Places:
    """Look at what lies in some directories, `roots`, real paths, and list what is wrong there."""

    def __init__(self, roots: Sequence[Path], follow: bool = False) -> None:
        self.roots = roots
        self.follow = follow
        self._outside: list[Path] = []
        self._problems: list[Problem] = []
        self._hidden: set[Path] = set()
        self._listed: dict[str, list[os.DirEntry[str]]] = {}

    @property
    def reached(self) -> list[Path]:
        """Return the roots, and where links and configs have led outside them."""
        return [*self.roots, *self._outside]

    def entries(self, directory: Path | str) -> list[os.DirEntry[str]]:
        """Return what a directory holds, by name, less hidden names and what may not be looked at."""
        key = str(directory)
        if key not in self._listed:
            self._listed[key] = [entry for entry in self._scan(key) if self._may_see(entry)]
        return self._listed[key]

    def look(
        self, path: Path | str, beside: Path | None = None, run_id: str | None = None
    ) -> os.stat_result | None:
        """Return what the system says of a path, links followed, or None if nothing is to be seen there.

        What is wrong there is listed, with the run's id if one is given. `beside` may be looked into, too.
        """
        real = Path(os.path.realpath(path))
        is_inside = self.is_inside(real) or (beside is not None and real.is_relative_to(beside))
        may_see = self.follow or is_inside
        try:
            status = real.stat()
        except OSError as error:
            if error.errno in _NOT_THERE:
                if Path(path).is_symlink():
                    self._report_broken(str(path), real)
                return None
            if may_see:
                self.hide(path, error, run_id)
                return None
        if may_see:
            if not is_inside:
                self._outside.append(real)
            return status
        self.report(
            path, "link not followed", "finding",
            f"found a link to {real}, outside the given directories; give that too, or use --follow", run_id,
        )  # fmt: skip
        return None

    def is_inside(self, real: Path) -> bool:
        """Tell whether a real path lies in the roots."""
        return any(real.is_relative_to(root) for root in self.roots)

    def is_directory(self, entry: os.DirEntry[str]) -> bool:
        """Tell whether an entry is a directory, or a link to one."""
        try:
            return entry.is_dir()
        except OSError as error:
            self.hide(entry.path, error)
            return False

    def stat(self, place: os.DirEntry[str] | Path) -> os.stat_result | None:
        """Return what the system says of a file that was seen; None, and why is listed, if it does not."""
        try:
            return place.stat()
        except OSError as error:
            self._report_error(os.fspath(place), error)
            return None

    def hide(self, path: Path | str, error: OSError | None = None, run_id: str | None = None) -> None:
        """Remember that it is unknown what is there at a path; list it if an error says why."""
        self._hidden.add(Path(path))
        if error is not None:
            self.report(
                path, "unreadable", "failed",
                f"could not be looked at ({error.strerror}); what was loaded from there before stays; "
                "check its permissions",
                run_id,
            )  # fmt: skip

    def is_hidden(self, path: Path | str) -> bool:
        """Tell of a path that was not found whether it may be there all the same."""
        path = Path(path)
        for place in (path, *path.parents):
            if place in self._hidden:
                return True
            if place in self.roots:
                # What is above was no way to it.
                return False
        return False

    def hides_some(self, directory: Path) -> bool:
        """Tell whether it is unknown what is there at a directory, or somewhere in it."""
        return self.is_hidden(directory) or any(place.is_relative_to(directory) for place in self._hidden)

    def report(
        self, path: Path | str, kind: str, severity: Severity, detail: str, run_id: str | None = None
    ) -> None:
        """List what is wrong with a path."""
        self._problems.append(Problem(run_id, str(path), kind, severity, detail))

    def take_problems(self, runs: Collection[Path]) -> list[Problem]:
        """Return what was listed since the last time, by path, each with the innermost run around it."""
        problems, self._problems = self._problems, []
        return sorted((_with_run(problem, runs) for problem in problems), key=_PATH)

    def _scan(self, directory: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(directory) as scan:
                return sorted((entry for entry in scan if _may_be_ours(entry)), key=_NAME)
        except OSError as error:
            self._report_error(directory, error)
            return []

    def _may_see(self, entry: os.DirEntry[str]) -> bool:
        try:
            entry.path.encode()
        except UnicodeEncodeError:
            path = os.fsencode(entry.path).decode(errors="backslashreplace")
            self.report(path, "bad name", "failed", "found a name that is not UTF-8; rename it")
            return False
        return not entry.is_symlink() or self.look(entry.path) is not None

    def _report_broken(self, path: str, target: Path) -> None:
        name = Path(path).name
        severity: Severity = "failed" if parse_latent(name) or name == CONFIG else "finding"
        self.report(
            path, "broken link", severity,
            f"found a link to {target}, which is not there; mend or remove it",
        )  # fmt: skip

    def _report_error(self, path: str, error: OSError) -> None:
        if error.errno in _NOT_THERE:
            detail = f"was listed, then gone ({error.strerror}); load again"
            self.report(path, "vanished", "finding", detail)
        else:
            self.hide(path, error)


def is_gone(path: Path) -> bool:
    """Tell whether the system says that nothing is at a path; it may also not say."""
    try:
        path.lstat()
    except OSError as error:
        return error.errno in _NOT_THERE
    return False


def _may_be_ours(entry: os.DirEntry[str]) -> bool:
    """Tell whether a name is not hidden, or hidden because a hookpoint begins with a dot."""
    return not entry.name.startswith(".") or (
        not is_passed_over(entry.name)
        and (parse_latent(entry.name) is not None or entry.is_dir(follow_symlinks=False))
    )


def _with_run(problem: Problem, runs: Collection[Path]) -> Problem:
    if problem.run_id is not None:
        return problem
    path = Path(problem.path)
    inner = next((place for place in (path, *path.parents) if place in runs), None)
    return problem._replace(run_id=run_id_of(inner)) if inner else problem
