"""Take secrets out of what is about to be stored: configs of delphi hold tokens and keys in plain text."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from .secrets import REDACTED, SECRET, redact_text, shorten

__all__ = ["REDACTED", "SECRET", "redact", "redact_text", "shorten"]

# Between the words of a key: HFToken, apiKey, API Token, api.key.
_BETWEEN = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
# A word that makes a key a secret's wherever it stands: whatever the value, it is not stored.
_PASSWORD = re.compile(
    r".*(?:passw(?:or)?ds?|secrets?)|passphrases?|pwd|credentials?|authorization"
    r"|.*(?:access|api|private|secret)keys?|.*(?:access|api|auth|bearer|hf|refresh)tokens?"
)
# What names a secret less surely: the value is one if it is a text.
_AUTH = re.compile(r"auth|bearer|cookies?")
_TOKEN, _KEY = re.compile(r"tokens?"), re.compile(r"keys?|pass")
# A token may stand before these words.
_VALUE = re.compile(r"env|string|values?")
# Not with such a word before them: tokens of a text, or how many there are, and what data are found by.
_NO_TOKEN = re.compile(
    r"additional|avg|begin|bos|budget|cached|cls|completion|context|count|end|eos|first|generated|image|input"
    r"|last|mask|max|mean|min|n|new|next|num|number|output|pad|per|prompt|sep|special|start|stop|str|think|total"
    r"|unk"
)
_NO_KEY = re.compile(
    r"cache|column|data|dataset|dict|feature|file|foreign|group|index|input|json|label|latent|metric|model|name"
    r"|output|partition|primary|prompt|public|record|row|run|sort|split|state|text|value"
)
# What the parts of a pair are called: {"name": "Authorization", "value": "..."}.
_NAMES = ("field", "header", "key", "name")
_VALUES = ("content", "val", "value")


def redact(value: Any) -> Any:
    """Return a JSON value with its secrets replaced, at any depth: by their key, and by their own look."""
    match value:
        case str():
            return redact_text(value)
        case list():
            return list(_redact_items(value))
        case dict():
            pair = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), "")
            return {
                redact_text(key): _redact_named(pair if key in _VALUES else key, item)
                for key, item in value.items()
            }
        case _:
            return value


def _redact_items(items: Sequence[Any]) -> Iterator[Any]:
    """Yield a list's items; one may name the next: ["--api-key", "..."], ["Authorization", "..."]."""
    name = ""
    for place, item in enumerate(items):
        yield _redact_named(name, item)
        is_pair = len(items) == 2 and place == 0
        name = item if isinstance(item, str) and (is_pair or item.startswith("-")) else ""


def _redact_named(name: str, value: Any) -> Any:
    words = [word.lower() for word in _BETWEEN.split(name) if word]
    if any(map(_PASSWORD.fullmatch, [*words, "".join(words)])):
        return _blank(value, is_sure=True)
    return _blank(value, is_sure=False) if _may_be_secret(words) else redact(value)


def _may_be_secret(words: Sequence[str]) -> bool:
    if any(map(_AUTH.fullmatch, words)):
        return True
    if words and _VALUE.fullmatch(words[-1]):
        words = words[:-1]
    if not words:
        return False
    *before, last = words
    if _TOKEN.fullmatch(last):
        return not any(map(_NO_TOKEN.fullmatch, before))
    return bool(_KEY.fullmatch(last) and before) and not any(map(_NO_KEY.fullmatch, before))


def _blank(value: Any, *, is_sure: bool) -> Any:
    """Return a secret's value without what it says; null, true and false say nothing, nor does a count."""
    match value:
        case None | bool():
            return value
        case int() | float() if not is_sure:
            return value
        case list():
            return [_blank(item, is_sure=is_sure) for item in value]
        case dict():
            return {redact_text(key): _blank(item, is_sure=is_sure) for key, item in value.items()}
        case _:
            return REDACTED
