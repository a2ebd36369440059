"""What file and directory names say."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.find.names import Latent, name_runs, parse_latent, parse_latent_in, run_id_of


@pytest.mark.parametrize(
    ("name", "latent"),
    [
        ("layers.1_latent10.txt", ("layers.1", 10)),
        ("layers.12.post_feedforward_layernorm_latent5.txt", ("layers.12.post_feedforward_layernorm", 5)),
        ("gpt_neox.layers.3.mlp_latent0.txt", ("gpt_neox.layers.3.mlp", 0)),
        ("layers.3_feature42.txt", ("layers.3", 42)),
        ("a--b--c_latent1.txt", ("a/b/c", 1)),
        # Greedy: the last one counts.
        ("odd_latent1_latent2.txt", ("odd_latent1", 2)),
        ("_latent1.txt", None),
        ("layers.1_latent.txt", None),
        ("layers.1_latent-1.txt", None),
        ("layers.1_latent1.json", ("layers.1", 1)),
        # Several explanations of one latent.
        ("layers.1_latent1_0.txt", ("layers.1", 1, 0)),
        ("layers.1_latent1_12.txt", ("layers.1", 1, 12)),
        # Hookpoints of delphi's own README begin with a dot; other hidden names are other programs'.
        (".model.layers.10_latent5.txt", (".model.layers.10", 5)),
        (".transformer.h.0_feature5.txt", (".transformer.h.0", 5)),
        ("._layers.1_latent1.txt", None),
        ("._.model.layers.10_latent5.txt", None),
        (".#layers.1_latent1.txt", None),
        (".~layers.1_latent1.txt", None),
        (".nfs0000_latent1.txt", None),
        (".layers.1_latent1.txt.swp", None),
        ("layers.1_latent1.txt.bak", None),
        ("layers.1_neuron1.txt", None),
        # More than 64 bits hold.
        (f"layers.1_latent{'9' * 30}.txt", None),
    ],
)
def test_a_file_name_names_a_latent(name: str, latent: tuple[Any, ...] | None) -> None:
    assert parse_latent(name) == (latent and Latent(*latent))


@pytest.mark.parametrize(
    ("directories", "name", "latent"),
    [
        # A slash in a hookpoint makes a directory.
        (["layer_13"], "w_latent7.txt", ("layer_13/w", 7)),
        (["layer_13", "width_16k"], "average_l0_82_latent7.txt", ("layer_13/width_16k/average_l0_82", 7)),
        (["layer_13"], "layer_13--w_latent7.txt", ("layer_13/w", 7)),
        # A directory named after the hookpoint, which the file may name again.
        (["layers.3.mlp"], "0.json", ("layers.3.mlp", 0)),
        ([".model.layers.10"], "5.json", (".model.layers.10", 5)),
        (["a--b"], "5.txt", ("a/b", 5)),
        (["layers.3.mlp"], "layers.3.mlp_latent0.txt", ("layers.3.mlp", 0)),
        (["layers.3"], "layers.30_latent0.txt", ("layers.3/layers.30", 0)),
        ([], "5.json", None),
        (["layers.3"], "notes.txt", None),
    ],
)
def test_directories_name_a_hookpoint_or_its_begin(
    directories: list[str], name: str, latent: tuple[Any, ...] | None
) -> None:
    assert parse_latent_in(directories, name) == (latent and Latent(*latent))


def test_names_are_lengthened_only_where_they_would_be_equal() -> None:
    paths = [Path("/r/a/run"), Path("/r/b/run"), Path("/r/b/other")]
    assert name_runs(paths, {}) == {
        Path("/r/a/run"): "a/run",
        Path("/r/b/run"): "b/run",
        Path("/r/b/other"): "other",
    }


def test_a_name_once_given_is_kept() -> None:
    given = {Path("/r/a/run"): "run"}
    assert name_runs([Path("/r/a/run"), Path("/s/a/run")], given) == {Path("/s/a/run"): "a/run"}


@given(st.sets(st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map(lambda parts: Path("/", *parts))))
def test_names_are_unique_and_end_paths(paths: set[Path]) -> None:
    names = name_runs(paths, {})
    assert names.keys() == paths
    assert len(set(names.values())) == len(paths)
    assert all(str(path).endswith(name) for path, name in names.items())


def test_a_run_id_follows_from_the_path() -> None:
    assert run_id_of(Path("/r/run")) == run_id_of(Path("/r/run")) != run_id_of(Path("/r/run2"))
