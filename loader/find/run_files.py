"""Gather the files of one run, and report those that are of none."""

from collections.abc import Sequence
from pathlib import Path

from ..records import Severity, Source
from .layouts import Parts
from .names import CONFIG, Latent, is_present, parse_latent_in, run_id_of
from .places import Places
from .trees import Entry, Listed

TIMING = ("timing.json", "scoring_timing.json")
STATS_SUFFIX = "_stats.json"
# The kind of the problem of a file that lies where none of its kind is looked for.
MISPLACED = "misplaced"
# A score file of whatever name ends so.
DATA = (".txt", ".json")


class RunFiles:
    """Gather the files of a run, or without a path those that runs share; of each latent it takes one."""

    def __init__(self, places: Places, path: Path | None) -> None:
        self.places = places
        self.run_id = None if path is None else run_id_of(path)
        self._others: list[Source] = []
        self._latents: dict[tuple[str | None, Latent], list[Entry]] = {}

    def sources(self) -> list[Source]:
        """Return the files to load."""
        sources = list(self._others)
        for (score_type, latent), entries in self._latents.items():
            if len(entries) > 1:
                # One latent under two names would count twice; the present way of writing it wins.
                entries.sort(key=lambda entry: (not is_present(entry.name), entry.path))
                self._report_duplicates(entries)
            kind = "explanation" if score_type is None else "score"
            sources += self._source(entries[0], kind, score_type, latent)
        return sources

    def add_settings(self, listed: Listed) -> None:
        """Add what stands beside scores/ and explanations/: the config, times and statistics."""
        self._add_configs([entry for entry in listed.configs if entry.name == CONFIG] or listed.configs)
        for entry in listed.others:
            if entry.name in TIMING:
                self._others += self._source(entry, "timing")
            elif entry.name.endswith(STATS_SUFFIX):
                stage = entry.name.removesuffix(STATS_SUFFIX)
                self._others += self._source(entry, "stats", None if stage == "explainer" else stage)

    def add_latents(self, listed: Listed, module: Parts, score_type: str | None = None) -> None:
        """Add the files of a directory: scores, or explanations if there is no score type.

        `module` is what of its path belongs to the hookpoint.
        """
        n_before = len(self._latents)
        for entry, named in listed.latents:
            latent = parse_latent_in(module, entry.name) if module else named
            if latent is None:
                self._report_unknown(entry, is_lost=True)
            else:
                self._latents.setdefault((score_type, latent), []).append(entry)
        # Where no name is known, these may be the scores.
        is_lost = len(self._latents) == n_before
        for entry in listed.others:
            self._report_unknown(entry, is_lost=is_lost and entry.name.endswith(DATA))
        self._add_configs(listed.configs)

    def refuse(self, listed: Listed) -> None:
        """Report the files of a directory that is none of a score type, and no explanations'."""
        for entry, _ in listed.latents:
            self._report(
                entry, MISPLACED, "failed",
                "found a latent's file here, wanted it in scores/<score type>/ or explanations/ of a run; "
                "move it there",
            )  # fmt: skip
        for entry in [*listed.configs, *listed.others]:
            self._report(
                entry, "stray file", "unsupported",
                "found a file, wanted directories named after score types; move it into one, or away",
            )  # fmt: skip

    def _add_configs(self, entries: list[Entry]) -> None:
        for entry in entries:
            self._others += self._source(entry, "config")

    def _source(
        self, entry: Entry, kind: str, score_type: str | None = None, latent: Latent | None = None
    ) -> list[Source]:
        """Return the file to load, none if it cannot be looked at any more."""
        status = self.places.stat(entry)
        if status is None:
            return []
        size, mtime_ns = status.st_size, status.st_mtime_ns
        return [Source(self.run_id, entry.path, kind, size, mtime_ns, score_type, *(latent or ()))]

    def _report_duplicates(self, entries: Sequence[Entry]) -> None:
        for entry in entries[1:]:
            self._report(
                entry, "duplicate latent", "failed",
                f"found a second file of the latent of {entries[0].name}, wanted one; remove one",
            )  # fmt: skip

    def _report_unknown(self, entry: Entry, *, is_lost: bool) -> None:
        self._report(
            entry, "unknown name", "failed" if is_lost else "unsupported",
            "found a name that names no latent, wanted <hookpoint>_latent<number>.txt; not loaded",
        )  # fmt: skip

    def _report(self, entry: Entry, kind: str, severity: Severity, detail: str) -> None:
        self.places.report(entry.path, kind, severity, detail, self.run_id)
