"""No secret is kept, told by its look or by the key that names it; ordinary words and counts are."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.files.redact import redact
from loader.files.secrets import LOOKS, REDACTED, SECRET, redact_text, shorten

# Made up, and put together here so that no scanner takes them for real.
LETTERS = "aBcDeFgHiJkLmNoPqRsT0123456789uVwXyZ"
HEX = "0123456789abcdef" * 4
BEGIN = "-----" + "BEGIN"
UPPER = "ABCDEFGH23456789JKLM"
SAMPLES = {
    "Hugging Face": ["hf_" + LETTERS[:34], "hf_" + "abcdefghijklmnopqrst", "api_org_" + LETTERS],
    "OpenAI, Anthropic, OpenRouter": [
        "sk-" + LETTERS[:20], "sk-proj-" + LETTERS, "sk-ant-api03-" + LETTERS, "sk-or-v1-" + HEX,
    ],
    "AWS": ["AKIA" + UPPER[:16], "ASIA" + UPPER[:16], "A3TX" + UPPER[:16]],
    "GitHub": [*(f"gh{kind}_" + LETTERS for kind in "pousr"), "github_pat_" + LETTERS + "_" + LETTERS],
    "GitLab": ["glpat-" + LETTERS[:20], "glptt-" + HEX[:40], "glrt-" + LETTERS[:20]],
    "Slack": [
        "xoxb-" + "1234567890-1234567890-" + LETTERS, "xoxp-" + "123-456-789", "xapp-1-" + UPPER,
        "xoxe.xoxp-1-" + LETTERS,
        "hooks.slack.com/services/" + "T00/B00/" + LETTERS,
    ],
    "JSON web token": [
        "eyJ" + LETTERS[:20] + ".eyJ" + LETTERS + "." + LETTERS, "eyJ" + HEX[:9] + ".e30aaaaa.",
    ],
    "Google": ["AIza" + LETTERS[:35], "ya29." + LETTERS, "GOCSPX-" + LETTERS[:28]],
    "Groq, Replicate, NVIDIA, xAI, Perplexity, Together": [
        prefix + LETTERS for prefix in ("gsk_", "r8_", "nvapi-", "xai-", "pplx-", "tgp_v1_")
    ],
    "Weights & Biases, Databricks, DigitalOcean": ["wandb_v1_" + HEX, "dapi" + HEX[:32], "dop_v1_" + HEX],
    "npm, PyPI, RubyGems": ["npm_" + LETTERS, "pypi-" + "AgEIcHlwaS5vcmc" + LETTERS, "rubygems_" + HEX[:48]],
    "SendGrid, Mailgun, Mailchimp, Twilio": [
        "SG." + LETTERS[:22] + "." + LETTERS, "key-" + HEX[:32], HEX[:32] + "-us12", "SK" + HEX[:32],
    ],
    "Stripe, Shopify, Square": [
        "sk_live_" + LETTERS[:24], "rk_test_" + LETTERS[:24], "whsec_" + LETTERS, "shpat_" + HEX[:32],
        "sq0atp-" + LETTERS[:22],
    ],
    "Grafana, Vault, Notion, Linear, Sentry and others": [
        prefix + LETTERS for prefix in ("glsa_", "hvs.", "ntn_", "lin_api_", "sntrys_", "NRAK-", "PMAK-")
    ],
    "Telegram": ["123456789:AA" + LETTERS],
    "age, 1Password": ["AGE-SECRET-KEY-1" + UPPER * 2, "ops_eyJ" + LETTERS],
    "private key": [
        f"{BEGIN} {kind}PRIVATE KEY-----\n{LETTERS}\n{LETTERS}=\n-----END {kind}PRIVATE KEY-----"
        for kind in ("", "RSA ", "OPENSSH ", "EC ", "ENCRYPTED ")
    ] + [f"{BEGIN} PGP PRIVATE KEY BLOCK-----\n\n{LETTERS}\n", f"{BEGIN} PRIVATE KEY-----\\n{LETTERS}"],
    "bearer": ["Bearer " + "a.b-1c", "bearer " + "abcdefghijKlmnopq"],
    "basic": ["Basic " + "dXNlcjpwYXNz", "basic " + "dXNlcjpwYXNzd29yZA==", "Basic " + "YTpiMTIzNDU2"],
    "header": ["Authorization: Basic " + "dXNlcjpwYXNz01==", "'Authorization': 'token " + "a1b2c3d4"],
    "password in an address": [
        f"://{user_and_password}@"
        for user_and_password in ("me:pass", "me:pa/ss", "me:p@ss", ":pa", "a:b/c@d:e")
    ],
    "token in an address": ["://" + LETTERS[:12] + "@", "://" + "onlyletters@"],
    "secret in an address": [
        "?api_key=" + "abc", "&sig=" + "abc%2F", "?X-Amz-Signature=" + HEX, "&access_token=" + "x",
    ],
    "setting": [
        "X_API_KEY=" + "abcdef", "OPENAI_API_KEY='" + "abcdef", "AccountKey=" + LETTERS + "==",
        "password=" + "hunter", "DB_PASSWORD = 'hunter two", "aws_secret_access_key=" + LETTERS,
        "SharedAccessKey=" + LETTERS,
        "api_key: " + "abc123def", "WANDB_API_KEY=" + HEX[:40], "HF_TOKEN=" + "abcdef",
    ],
    "argument": ["--hf-token " + "abcdef", "--api-key=" + "abcdef", "--password '" + "abcdef"],
    "token": ["my_token=" + "abc12345678", "token: " + "abcdefgh12345678"],
    "quoted setting": ['"api_key": "' + "abc", "'my password': '" + "hunter two"],
}  # fmt: skip
ALL = [(kind, sample) for kind, samples in SAMPLES.items() for sample in samples]


@pytest.fixture(scope="module")
def re2() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database, whose expressions are RE2's."""
    with duckdb.connect() as connection:
        yield connection


def test_every_look_has_a_sample() -> None:
    assert SAMPLES.keys() == LOOKS.keys()


@pytest.mark.parametrize(("kind", "sample"), ALL, ids=[f"{kind}-{i}" for i, (kind, _) in enumerate(ALL)])
def test_a_secret_is_taken_out_whole_by_both_engines(
    re2: duckdb.DuckDBPyConnection, kind: str, sample: str
) -> None:
    assert re2.execute("select regexp_matches(?, ?)", [sample, LOOKS[kind]]).fetchone() == (True,)
    for before, after in [("", ""), ("use ", " here"), ("see:", ","), ("(", ")")]:
        text = f"{before}{sample}{after}"
        clean = redact_text(text)
        assert REDACTED in clean
        # What identifies it is gone: no eight characters of it stay, but for those before and after.
        left = clean.replace(REDACTED, "\0")
        assert not any(sample[i : i + 8] in left for i in range(len(sample) - 7)), clean
        found = re2.execute("select regexp_replace(?, ?, ?, 'g')", [text, SECRET, REDACTED]).fetchone()
        assert found == (clean,)


@pytest.mark.parametrize("before", ["MY_", "é", "_", "-", "/", "(", "日本"])
@pytest.mark.parametrize(
    "sample", ["hf_" + LETTERS, "sk-" + LETTERS, "ghp_" + LETTERS, "glpat-" + LETTERS[:20], "r8_" + LETTERS]
)
def test_a_secret_is_found_within_a_word(before: str, sample: str) -> None:
    assert LETTERS[:12] not in redact_text(before + sample)


@pytest.mark.parametrize(
    "text",
    [
        "task-oriented disk-like words, and risk-averse ones",
        "basic understanding of 3-dimensional shapes",
        "basic 3-dimensional shapes and basic 1980s haircuts",
        "the token of thanks, tokens: many, and a next token = the",
        "the bearer of responsibilities",
        "words on authorization: permit, allow",
        "authorization: basic concepts",
        "hf_hub, hf_transformers and hf_datasets",
        "pypi-packages with names-of-many-words",
        "npm_config_registry and npm_lifecycle_event",
        "the secret of success: patience; password: a word",
        "http://localhost:8002/v1 and https://host/v1?x=1",
        "https://medium.com/@user/post, mail me@host.org, ssh://git@host/repo",
        "max_tokens=4096, prompt_tokens: 12, max_new_token=512",
        "public key infrastructure; a key: value pair; the key=value form",
        "-----BEGIN CERTIFICATE----- is public",
        "words in capitals: ASIANCUISINE, AKIAK",
        '{"token": "dog", "score": 0.5}',
        "SG. is short for Singapore",
    ],
)
def test_ordinary_words_stay(re2: duckdb.DuckDBPyConnection, text: str) -> None:
    assert redact_text(text) == text
    assert re2.execute("select regexp_matches(?, ?)", [text, SECRET]).fetchone() == (False,)


@given(st.text(st.sampled_from("hf_sk-ghp:/@=&?.\"' \nBEGIN-PRIVATEKEYbasicbearertoken0aA"), max_size=60))
def test_both_engines_find_the_same(text: str) -> None:
    with duckdb.connect() as connection:
        found = connection.execute("select regexp_matches(?, ?)", [text, SECRET]).fetchone()
    assert found == (redact_text(text) != text,)


def test_a_text_is_cut_after_its_secrets_are_taken_out() -> None:
    assert shorten("key " + "hf_" + LETTERS, 9) == "key [reda..."
    assert shorten("short", 9) == "short"


SECRET_KEYS = [
    "HFToken", "hf_token", "hf_tokens", "tokens", "token", "token_value", "auth", "auth_header", "proxyAuth",
    "bearer", "pwd", "passphrase", "password", "db_pass", "openai_key", "API Token", "api.key", "apiKey",
    "explainer_api_key", "XApiKey", "X-API-KEY", "client-secret", "clientSecret", "secrets", "private_key",
    "access-key", "AWS_SECRET_ACCESS_KEY", "Authorization", "credentials", "cookie", "accesstoken",
]  # fmt: skip
OPEN_KEYS = [
    "n_tokens", "max_tokens", "prompt_tokens", "completion_tokens", "num_tokens", "total_tokens",
    "maxNewTokens", "tokens_per_second", "tokenizer", "author", "eos_token", "pad_token", "bos_token",
    "str_tokens",
    "special_tokens", "sort_key", "primary_key", "key", "keys", "model_key", "passes", "pass_rate", "compass",
    "monkey", "keyboard", "secretary_problem_n",
]  # fmt: skip


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_what_a_secrets_key_names_is_taken_out(key: str) -> None:
    assert redact({key: "x"}) == {key: REDACTED}
    assert redact({"deep": [{key: ["x", {"y": "z"}]}]}) == {"deep": [{key: [REDACTED, {"y": REDACTED}]}]}
    # Nothing is told by these.
    assert redact({key: None, "on": {key: True}}) == {key: None, "on": {key: True}}
    assert redact({"name": key, "value": "x", "note": "y"}) == {"name": key, "value": REDACTED, "note": "y"}
    assert redact([key, "x"]) == [key, REDACTED]
    assert redact(["run", f"--{key}", "x", "y"]) == ["run", f"--{key}", REDACTED, "y"]


@pytest.mark.parametrize("key", OPEN_KEYS)
def test_what_other_keys_name_stays(key: str) -> None:
    for value in ("x", 5, ["x", 1], {"y": "z"}):
        assert redact({key: value}) == {key: value}


@pytest.mark.parametrize("key", ["tokens", "token", "openai_key", "auth"])
def test_a_number_is_no_token(key: str) -> None:
    assert redact({key: [1, 2.5]}) == {key: [1, 2.5]}


@pytest.mark.parametrize("key", ["password", "api_key", "client_secret"])
def test_a_number_may_be_a_password(key: str) -> None:
    assert redact({key: 1234}) == {key: REDACTED}


@pytest.mark.parametrize(
    ("config", "clean"),
    [
        (
            {"headers": [{"name": "Authorization", "value": "x"}]},
            {"headers": [{"name": "Authorization", "value": REDACTED}]},
        ),
        ({"headers": {"Authorization": "Basic x"}}, {"headers": {"Authorization": REDACTED}}),
        ({"headers": [["Authorization", "x"]]}, {"headers": [["Authorization", REDACTED]]}),
        ({"u": "http://h/v1?api_key=abc&x=1"}, {"u": "http://h/v1[redacted]&x=1"}),
        ({"u": "http://me:pass@host/v1"}, {"u": "http[redacted]host/v1"}),
        ({"name": "layers", "value": "x"}, {"name": "layers", "value": "x"}),
        ({"hf_" + LETTERS: 1}, {REDACTED: 1}),
    ],
)
def test_secrets_are_taken_out_at_any_depth(config: Any, clean: Any) -> None:
    assert redact(config) == clean
