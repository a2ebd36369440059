"""Tell secrets by their look, in the one syntax that Python and DuckDB's RE2 share.

The looks are facts of the services that issue them, as gitleaks' rules list them (config/gitleaks.toml in
https://github.com/gitleaks/gitleaks); lengths are the least that is no ordinary word.
"""

import re

# What stands before a secret: the begin of a word, or "_", a part of words for both engines.
_BEGIN = r"(?:\b|_)"
# What is no certain sign must look made by a machine, with a digit, "=" or a capital inside: explanations
# speak of "authorization: permit, allow" and of "basic understanding".
_MADE = r"(?:[A-Za-z._~+/-]*[0-9=][A-Za-z0-9._~+/=-]*|[A-Za-z._~+/-]*[a-z][A-Z][A-Za-z0-9._~+/=-]{6,})"
_LONG = (
    r"(?:[A-Za-z+/]*[0-9=][A-Za-z0-9+/=]{7,}|[A-Za-z+/]{7,}[0-9=]|[A-Za-z+/]*[a-z][A-Z][A-Za-z0-9+/=]{9,})"
)
# What secrets are called in settings, arguments and a program's environment.
_NAME = (
    r"(?:api|access|account|secret|private|signing|encryption|shared)[_.-]?(?:access[_.-]?)?key"
    r"|(?:api|auth|access|bearer|refresh|hf|bot)[_.-]?token|secret|credentials?"
    r"|password|passwd|passphrase|pwd"
)
_VALUE = r"[^\s\"'&,;)]{4,}"

# By who issues them, or how they are written. No part repeats without bound before one that must follow:
# Python would try all lengths at all places.
LOOKS = {
    "Hugging Face": r"hf_[A-Za-z0-9]{16,}|hf_[a-z]{0,30}[A-Z0-9][A-Za-z0-9]{7,}|api_org_[A-Za-z0-9]{16,}",
    "OpenAI, Anthropic, OpenRouter": rf"{_BEGIN}sk-[A-Za-z0-9_-]{{12,}}",
    "AWS": r"\bA(?:3T[A-Z0-9]|BIA|CCA|GPA|IDA|IPA|KIA|NPA|NVA|ROA|SIA)[A-Z0-9]{12,}",
    "GitHub": r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}",
    "GitLab": rf"{_BEGIN}gl(?:pat|ptt|dt|rt|rtr|cbt|ft|imt|agent|oas|soat|ffct)-[A-Za-z0-9_.-]{{16,}}",
    "Slack": r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}|xapp-[0-9]-[A-Za-z0-9-]{8,}"
    r"|hooks\.slack\.com/services/[A-Za-z0-9/]{8,}",
    "JSON web token": r"eyJ[A-Za-z0-9_-]{6,500}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?",
    "Google": r"(?:AIza|ya29\.|GOCSPX-)[A-Za-z0-9_-]{16,}",
    "Groq, Replicate, NVIDIA, xAI, Perplexity, Together": (
        rf"{_BEGIN}(?:gsk_|r8_|nvapi-|xai-|pplx-|tgp_v1_)[A-Za-z0-9_-]{{16,}}"
    ),
    "Weights & Biases, Databricks, DigitalOcean": (
        rf"{_BEGIN}(?:wandb_v[0-9]_|dapi|do[opr]_v1_)[a-fA-F0-9]{{16,}}"
    ),
    "npm, PyPI, RubyGems": (
        rf"{_BEGIN}(?:npm_[A-Za-z0-9]{{16,}}|pypi-[a-z_-]{{0,30}}[A-Z0-9][A-Za-z0-9_-]{{15,}}"
        r"|rubygems_[a-f0-9]{16,})"
    ),
    "SendGrid, Mailgun, Mailchimp, Twilio": (
        r"\bSG\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]{8,})?"
        r"|\bkey-[0-9a-f]{32}|\b[0-9a-f]{32}-us[0-9]|\bSK[0-9a-f]{32}"
    ),
    "Stripe, Shopify, Square": (
        rf"{_BEGIN}(?:[rs]k_(?:live|test|prod)_[A-Za-z0-9]{{10,}}|whsec_[A-Za-z0-9]{{16,}}"
        r"|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{16,}|sq0(?:atp|csp)-[A-Za-z0-9_-]{16,})"
    ),
    "Grafana, Vault, Notion, Linear, Sentry and others": (
        rf"{_BEGIN}(?:glsa_|glc_|ntn_|lin_api_|sntrys_|sbp_|hv[sb]\.|NRAK-|PMAK-|tskey-|dp\.pt\.|figd_|ATATT3)"
        r"[A-Za-z0-9_.+/=-]{16,}"
    ),
    "Telegram": r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{30,}",
    "age, 1Password": r"AGE-SECRET-KEY-1[A-Z0-9]{16,}|\bops_eyJ[A-Za-z0-9+/=]{16,}",
    # To its end, or to that of a text that is cut short.
    "private key": (
        r"-----BEGIN[A-Z0-9 ]{0,60}PRIVATE KEY(?: BLOCK)?-----"
        r"(?s:.*?)(?:-----END[A-Z0-9 ]{0,60}PRIVATE KEY(?: BLOCK)?-----|\z)"
    ),
    "bearer": rf"\b(?i:bearer)\s{{1,4}}{_MADE}",
    "basic": rf"\b(?i:basic)\s{{1,4}}{_LONG}",
    "header": rf"(?i:\bauthorization)[\"']?\s?[:=]\s?[\"']?(?:(?i:bearer|basic|token)\s+)?{_MADE}",
    # Up to the last "@": a password may hold "/" and "@" itself.
    "password in an address": r"://[^\s/:@\"'<>]{0,99}:[^\s\"'<>]{1,199}@",
    "token in an address": r"://[^\s/:@\"'<>]{6,}@",
    "secret in an address": (
        r"[?&](?i:[a-z0-9_-]{0,30}(?:token|key|secret|password|sig|signature))=[^&\s\"']+"
    ),
    "setting": rf"(?i:{_NAME})[\"']?(?:=[\"']?{_VALUE}|\s?=\s?[\"'][^\"']+|:\s?{_MADE})",
    "argument": rf"--(?i:[a-z0-9-]{{0,30}}(?:token|{_NAME}))[ =][\"']?{_VALUE}",
    "token": rf"(?i:\b[a-z0-9_.-]{{0,30}}token)[\"']?\s?[:=]\s?[\"']?{_LONG}",
    "quoted setting": rf"[\"'](?i:[a-z0-9 _.-]{{0,30}}(?:{_NAME}))[\"']\s?:\s?[\"'][^\"']+",
}
SECRET = "|".join(f"(?:{look})" for look in LOOKS.values())
# Python's own name of the end of a text. ASCII: a letter beyond it begins no word for RE2 either.
_SECRET = re.compile(SECRET.replace(r"\z", r"\Z"), re.ASCII)
REDACTED = "[redacted]"


def redact_text(text: str) -> str:
    """Return the text with every secret in it replaced."""
    return _SECRET.sub(REDACTED, text)


def shorten(text: str, longest: int) -> str:
    """Return the text without secrets, at most so long: a secret that is cut has no look any more."""
    clean = redact_text(text)
    return clean if len(clean) <= longest else f"{clean[:longest]}..."
