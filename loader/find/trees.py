"""List what lies below scores/ and explanations/, directory by directory, each once."""

import os
from collections import deque
from pathlib import Path
from typing import NamedTuple

from .layouts import Folder, Parts
from .names import CONFIGS, Latent, is_number, parse_latent, parse_latent_in
from .places import Places

Entry = os.DirEntry[str]


class Listed(NamedTuple):
    """Hold the files of a directory; `parts` is its path below scores/ or explanations/.

    latents: those that may be of a latent, with the latent if their name tells all of it
    configs: settings, of a run or an experiment
    """

    parts: Parts
    latents: list[tuple[Entry, Latent | None]]
    configs: list[Entry]
    others: list[Entry]

    @property
    def folder(self) -> Folder:
        """Return what its layout follows from."""
        named = next((latent.hookpoint for _, latent in self.latents if latent), None)
        return Folder(self.parts, named, bool(self.configs))


def list_directory(places: Places, directory: Path | str, parts: Parts = ()) -> tuple[Listed, list[Entry]]:
    """List the files of a directory, and the directories in it."""
    listed = Listed(parts, [], [], [])
    directories = []
    for entry in places.entries(directory):
        latent = parse_latent(entry.name)
        if latent or is_number(entry.name):
            listed.latents.append((entry, latent))
        elif places.is_directory(entry):
            directories.append(entry)
        else:
            (listed.configs if entry.name in CONFIGS else listed.others).append(entry)
    return listed, directories


def list_tree(places: Places, top: Path) -> list[Listed]:
    """List a directory and all that it holds; what is there itself is not listed again through a link."""
    found = []
    seen = set()
    plain: deque[tuple[Parts, str]] = deque([((), str(top))])
    links: deque[tuple[Parts, str]] = deque()
    while plain or links:
        parts, directory = (plain or links).popleft()
        real = Path(os.path.realpath(directory))
        if real in seen or (parts and top.is_relative_to(real)):
            detail = f"found a link to {real}, which is read where it lies; the link is not followed"
            places.report(directory, "link not followed", "finding", detail)
            continue
        seen.add(real)
        listed, inner = list_directory(places, directory, parts)
        if parts and parts[-1].startswith(".") and not _is_module(listed):
            continue
        found.append(listed)
        for entry in inner:
            (links if entry.is_symlink() else plain).append(((*parts, entry.name), entry.path))
    return sorted(found, key=lambda listed: listed.parts)


def _is_module(listed: Listed) -> bool:
    """Tell whether a hidden directory is named after a hookpoint: other programs hide copies in theirs."""
    name = listed.parts[-1:]
    return any(
        latent is None or parse_latent_in(name, entry.name) == latent for entry, latent in listed.latents
    )
