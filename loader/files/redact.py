"""Take secrets out of what is about to be stored: configs of delphi hold tokens and keys in plain text."""

import re
from typing import Any

REDACTED = "[redacted]"

# In RE2's and Python's syntax: DuckDB looks for it too. Tokens of Hugging Face, keys of OpenAI and the like,
# what follows "Bearer" or "Authorization:", passwords in a URL and secrets in its query. What is no certain
# sign must have a digit or "=" in it: explanations speak of "authorization: permit, allow".
_CREDENTIAL = r"[A-Za-z._~+/-]*[0-9=][A-Za-z0-9._~+/=-]*"
SECRET = (
    r"\bhf_[A-Za-z0-9]{8,}"
    r"|\bsk-[A-Za-z0-9_-]{12,}"
    rf"|\b(?i:bearer)\s+{_CREDENTIAL}"
    rf"|(?i:\bauthorization)[\"']?\s*[:=]\s*[\"']?(?:(?i:bearer|basic|token)\s+)?{_CREDENTIAL}"
    r"|://[^/\s:@]*:[^/\s@]+@"
    r"|[?&](?i:[a-z0-9_-]*(?:token|key|secret|password|sig|signature))=[^&\s\"']+"
)
_SECRET = re.compile(SECRET)
_KEY = re.compile(
    r"(?:^|_)(?:token|auth)$|api_?key|access_?key|private_?key|secret|passw(?:or)?d|authorization|credential"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def redact_text(text: str) -> str:
    """Return the text with every secret in it replaced."""
    return _SECRET.sub(REDACTED, text)


def redact(value: Any) -> Any:
    """Return a JSON value with its secrets replaced, at any depth: by their key, and by their own look."""
    match value:
        case str():
            return redact_text(value)
        case list():
            return [redact(item) for item in value]
        case dict():
            return {
                redact_text(key): _blank(item) if _is_secret(key) else redact(item)
                for key, item in value.items()
            }
        case _:
            return value


def _is_secret(key: str) -> bool:
    return bool(_KEY.search(_CAMEL.sub("_", key).replace("-", "_").lower()))


def _blank(value: Any) -> Any:
    """Return a value of a secret key without what it says; null and true or false say nothing."""
    match value:
        case None | bool():
            return value
        case list():
            return [_blank(item) for item in value]
        case dict():
            return {redact_text(key): _blank(item) for key, item in value.items()}
        case _:
            return REDACTED
