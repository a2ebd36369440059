"""Fill a warehouse with many latents through SQL: writing a hundred thousand files takes long."""

import json
from pathlib import Path

import duckdb

WORDS = ["amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "haze"]
SCORE_TYPES = ["detection", "fuzz"]

FILES = """\
insert into source_files
select
    1000 + (run * 3 + kind) * $n_latents + latent,
    'run' || run,
    '/r/' || run || '/' || kind || '/' || latent,
    case when kind = 2 then 'explanation' else 'score' end,
    $score_types[kind + 1],
    'layers.' || latent % 7 || '.mlp',
    latent,
    1,
    0,
    run || '/' || kind || '/' || latent,
    'loaded',
    timestamp '2026-01-01'
from range($n_runs) r(run), range(3) k(kind), range($n_latents) l(latent)"""

EXPLANATIONS = """\
insert into explanation_facts
select
    file_id,
    'Words such as ' || $words[1 + latent_idx % 8] || ' and ' || $words[1 + latent_idx // 8 % 8]
    || ' in texts of kind ' || latent_idx || ' as ' || run_id || ' puts it.'
from source_files
where kind = 'explanation'"""

# The texts of a latent are the same in every run; verdicts differ.
EXAMPLES = """\
insert into example_facts
with words as (
    select
        latent_idx,
        place,
        list_transform(
            range($n_tokens),
            lambda t: ' ' || $words[1 + (latent_idx + place * 7 + t * t) % 8]
        ) as tokens
    from range($n_latents) l(latent_idx), range($n_examples) e(place)
)
select
    file_id,
    place,
    place % 2 = 0,
    case
        when hash(file_id, place) % 50 <> 0
            then (place % 2 = 0) = (hash(file_id, place, 1) % 10 < 5 + file_id % 4)
    end,
    case when hash(file_id, place) % 50 <> 0 then hash(file_id, place, 2) % 1000 / 1000 end,
    null,
    case when place % 2 = 0 then place // 2 else -1 end,
    array_to_string(tokens, ''),
    list_transform(tokens, lambda token: len(token)),
    list_transform(
        range($n_tokens),
        lambda t: case when place % 2 = 0 and (t + place + latent_idx) % 5 = 0 then 10 / (1 + t) else 0 end
    ),
    null
from source_files
join words using (latent_idx)
where kind = 'score'"""

COUNTS = """\
insert into count_facts
select
    file_id,
    count(*) filter (activating and prediction),
    count(*) filter (not activating and prediction),
    count(*) filter (not activating and not prediction),
    count(*) filter (activating and not prediction),
    count(*) filter (prediction is null),
    count(*) filter (prediction is null and activating),
    0,
    0,
    0,
    0,
    0
from example_facts
group by file_id"""


def fill(warehouse: Path, n_latents: int, n_runs: int = 5, n_examples: int = 4, n_tokens: int = 8) -> None:
    """Add n_runs runs, run0 and so on, of the same n_latents latents under two score types."""
    config = json.dumps({"model": "org/subject", "sparse_model": "org/sae", "cache_cfg": {"n_tokens": 10**7}})
    with duckdb.connect(warehouse) as connection:
        for run in range(n_runs):
            name = f"run{run}"
            connection.execute(
                "insert into run_directories values (?, ?, ?, ?)", [name, name, f"/r/{name}", name]
            )
            connection.execute(
                "insert into source_files (file_id, run_id, path, kind, status)"
                " values (?, ?, ?, 'config', 'loaded')",
                [run, name, f"/r/{name}/run_config.json"],
            )
            connection.execute("insert into config_facts values (?, ?)", [run, config])
        shape = {"n_latents": n_latents, "n_runs": n_runs}
        connection.execute(FILES, shape | {"score_types": SCORE_TYPES})
        connection.execute(EXPLANATIONS, {"words": WORDS})
        examples = {"words": WORDS, "n_latents": n_latents, "n_tokens": n_tokens, "n_examples": n_examples}
        connection.execute(EXAMPLES, examples)
        connection.execute(COUNTS)
