"""report.md and report.tex: what they say is what the page says, and no name in them is read as markup."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from run_files import examples, write_run

from loader.load import Settings, load
from reports.cli import cli
from reports.render import latex, markdown

HOSTILE = "a|b $x^2$ `c` *d* <script>alert(1)<÷script> \\input{e} 100% #1 _f_ [g](h) & ~ -- :tada: @i"
# As TeX counts: a command, an escaped sign, or one of those that must not stand alone.
TEX_TOKEN = re.compile(
    r"\\[a-zA-Z]+\{\}|\\[{}$&#%_]|\{\[\}|\{\]\}|\\ldots\{\}|\$-\$|(?P<bad>[\\${}&#%_^~<>|\"`\[\]])"
)


def build(warehouse: Path, out: Path, formats: str) -> list[Path]:
    result = CliRunner().invoke(cli, ["build", "-w", str(warehouse), "-o", str(out), "--format", formats])
    assert result.exit_code == 0, result.output
    return [Path(line) for line in result.stdout.splitlines()]


def cells(line: str) -> list[str]:
    """Split a row of a Markdown table at its bars."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


@pytest.fixture(scope="module")
def built(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    written = build(demo_warehouse, tmp_path_factory.mktemp("text") / "out", "md,latex")
    assert [path.name for path in written] == ["report.md", "report.tex"]
    return {path.suffix: path.read_text() for path in written}


def test_both_give_the_original_ranking_with_its_intervals(built: dict[str, str]) -> None:
    table = built[".md"].split("### Accuracy under fuzz\n\n")[1].split("\n\n")[0].splitlines()
    assert cells(table[0])[:3] == ["Rank", "Run", "Accuracy"]
    assert cells(table[1])[:3] == ["---:", "---", "---:"]
    first = cells(table[2])
    assert first[:2] == ["1", "Qwen3-14B"]
    assert re.fullmatch(r"0\.637 <sub>0\.621–0\.652</sub>", first[2])  # noqa: RUF001
    bars = built[".tex"].split("Accuracy under fuzz")[1]
    row = next(line for line in bars.splitlines() if line.startswith("1 & Qwen3-14B & "))
    assert row.split(" & ")[2] == r"0.637 {\scriptsize (0.621--0.652)}"
    assert row.endswith(r" \\")
    for text in built.values():
        assert "has the highest accuracy, 0.637 (95" in text
        assert "less than 0.001 above Gemma-3-12B-IT" in text


def test_every_table_is_whole(built: dict[str, str]) -> None:
    lines = built[".md"].splitlines()
    tables = [place for place, line in enumerate(lines) if re.fullmatch(r"\|( ?-+:? ?\|)+", line)]
    for place in tables:
        width = len(cells(lines[place]))
        rows = lines[place - 1 :]
        for row in rows[: rows.index("")]:
            assert len(cells(row)) == width
    tex = built[".tex"]
    assert (
        tex.count(r"\toprule") == tex.count(r"\bottomrule") == tex.count(r"\end{table}") == len(tables) > 10
    )
    assert tex.count("{") == tex.count("}") + tex.count(r"\{") - tex.count(r"\}")
    labels = re.findall(r"\\label\{(.*?)\}", tex)
    assert len(labels) == len(set(labels))


def test_a_hostile_name_is_text_in_both(tmp_path: Path) -> None:
    write_run(
        tmp_path / "results" / "run",
        {"fuzz": {"layers.1_latent3": examples(tp=3, fp=1, tn=2)}},
        config={"explainer_model": HOSTILE},
    )
    load(tmp_path / "w.duckdb", [tmp_path / "results"], Settings())
    md, tex = (path.read_text() for path in build(tmp_path / "w.duckdb", tmp_path, "md,latex"))
    assert "<script" not in md.replace(r"\<script", "")
    row = next(line for line in md.splitlines() if line.startswith("| 1 | "))
    name = cells(row)[1]
    assert re.sub(r"\\(.)", r"\1", name) == HOSTILE
    assert r"\input" not in tex
    assert r"\textbackslash{}input\{e\} 100\% \#1 \_f\_ {[}g{]}(h) \& \textasciitilde{} -{}-" in tex


@given(st.text())
def test_nothing_that_is_escaped_means_anything(text: str) -> None:
    written = latex.escaped(text)
    assert not [match for match in TEX_TOKEN.finditer(written.replace("-{}", "-")) if match["bad"]]
    assert written.isprintable()
    shown = markdown.escaped(text)
    assert re.sub(r"\\(.)", r"\1", shown) == " ".join(text.split())
    assert not re.search(r"(?<!\\)(\\\\)*[<>|`*_\[\]&$]", shown.replace("\\\\", ""))
