"""Tell from names which directories of results are runs, score types and hookpoints; opens nothing.

Below scores/ and explanations/ there are, by the habits that were seen:

- delphi's: `scores/<score type>/` and `explanations/`, of the run that holds them; `/` in a hookpoint makes
  directories of explanations, and other programs have one directory a hookpoint;
- its predecessor's: `scores/<sae>/<experiment>/<score type>/` and `explanations/<sae>/<experiment>/`, each
  experiment a run; or without the score type, where one scorer has written;
- its first one's: `<name>_explanations/` beside `<name>_<score type>/`, without scores/.
"""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

_SCORER = r"(?:fuzz|detection|recall|simulation|intruder|(?:example_)?embedding|surprisal)(?:[^A-Za-z].*)?"
_SCORE_TYPE = re.compile(_SCORER, re.DOTALL)
_NAMED_SCORE_TYPE = re.compile(rf"(?P<name>.+?)_(?P<score_type>{_SCORER})", re.DOTALL)
_EXPLANATIONS = "_explanations"

# Directory names below scores/ or explanations/.
Parts = tuple[str, ...]


class Folder(NamedTuple):
    """Describe a directory below scores/ or explanations/ that holds files of latents.

    hookpoint: what the first of them says, None if they are named by numbers alone
    has_config: the settings of an experiment lie there
    """

    parts: Parts
    hookpoint: str | None
    has_config: bool


class Side(NamedTuple):
    """Say of a directory without scores/ whose it is: the name it shares with others, and its score type.

    name: empty if it has only its score type for a name; then it belongs to the directory around it
    score_type: None for explanations
    """

    name: str
    score_type: str | None


def find_experiments(
    scores: Collection[Folder], explanations: Collection[Folder], is_delphi: bool
) -> set[Parts]:
    """Return the directories below scores/ and explanations/ that are runs of their own.

    `is_delphi` says that delphi's config lies beside them: all is of that run, unless names say otherwise.
    """
    found = {
        folder.parts
        for folder in explanations
        if folder.has_config or any(score.parts[: len(folder.parts)] == folder.parts for score in scores)
    }
    found |= {_experiment_of(folder, is_delphi) for folder in scores if not split(folder.parts, found)[0]}
    return found - {()}


def split(parts: Parts, experiments: Collection[Parts]) -> tuple[Parts, Parts]:
    """Split a path below scores/ or explanations/ into the experiment, empty if in none, and the rest."""
    for length in range(len(parts), 0, -1):
        if parts[:length] in experiments:
            return parts[:length], parts[length:]
    return (), parts


def is_score_type(name: str) -> bool:
    """Tell whether a directory is named after one of delphi's scorers; people make other names, too."""
    return _SCORE_TYPE.fullmatch(name) is not None


def find_sides(names: Iterable[str]) -> dict[str, Side]:
    """Return, of directories beside each other that hold files of latents, those that habits explain."""
    names = list(names)
    explained = [name.removesuffix(_EXPLANATIONS) for name in names if name.endswith(_EXPLANATIONS)]
    return {name: side for name in names if (side := _side(name, explained))}


def _experiment_of(folder: Folder, is_delphi: bool) -> Parts:
    parts = folder.parts
    score_type = next((place for place, part in enumerate(parts) if is_score_type(part)), None)
    if score_type is not None:
        return parts[:score_type]
    is_module = folder.hookpoint is None or folder.hookpoint == "/".join(parts[1:])
    if len(parts) < 2 or is_delphi or is_module:
        return ()
    return parts if len(parts) == 2 else parts[:-1]


def _side(name: str, explained: Collection[str]) -> Side | None:
    if name.endswith(_EXPLANATIONS):
        return Side(name.removesuffix(_EXPLANATIONS), None)
    begins = [begin for begin in explained if name.startswith(f"{begin}_")]
    if begins:
        begin = max(begins, key=len)
        return Side(begin, name.removeprefix(f"{begin}_"))
    if is_score_type(name):
        return Side("", name)
    match = _NAMED_SCORE_TYPE.fullmatch(name)
    return Side(match["name"], match["score_type"]) if match else None
