"""The notebook in examples/, run in a kernel of its own: the original analysis in under thirty lines."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parent.parent / "examples" / "five_explainers.ipynb"
# Run after the notebook's own cells, in its kernel.
ASKED = """
import json
print(json.dumps({
    "ranking": ranking[["score_type", "run_label", "accuracy", "f1"]].to_dict("records"),
    "summary": summary[["accuracy", "precision", "recall", "f1"]].to_dict("index"),
    "best": best[["measure", "model", "value"]].values.tolist(),
    "describe": ranking.groupby("score_type")["accuracy"].describe().to_dict("index"),
}))
"""


@pytest.fixture(scope="module")
def executed(demo_results: Path, tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """Run the notebook where the demo's results lie, and ask for what it found."""
    place = tmp_path_factory.mktemp("notebook")
    (place / "demo").mkdir()
    (place / "demo" / "results").symlink_to(demo_results)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(ASKED))
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(place)}}).execute()
    return notebook


@pytest.fixture(scope="module")
def found(executed: nbformat.NotebookNode) -> dict[str, Any]:
    """Return what the notebook's variables hold."""
    return json.loads(executed.cells[-1].outputs[0].text)


def test_it_is_short_and_valid() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert sum(len(c.source.splitlines()) for c in notebook.cells if c.cell_type == "code") < 30


def test_it_finds_what_the_original_analysis_printed(found: dict[str, Any], shared_data: Path) -> None:
    wanted = json.loads((shared_data / "seed" / "expected.json").read_text())
    for score_type, models in wanted["by_score_type"].items():
        rows = [row for row in found["ranking"] if row["score_type"] == score_type]
        assert [row["run_label"] for row in rows] == wanted["ranking_by_accuracy"][score_type]
        for row in rows:
            for measure in ("accuracy", "f1"):
                assert round(row[measure], 3) == models[row["run_label"]][measure]
        described = {name: round(value, 3) for name, value in found["describe"][score_type].items()}
        assert described == wanted["accuracy_describe"][score_type]
    summary = {
        model: {name: round(value, 3) for name, value in measures.items()}
        for model, measures in found["summary"].items()
    }
    assert summary == wanted["summary_mean_over_score_types"]
    assert {m: [model, round(value, 3)] for m, model, value in found["best"]} == wanted["best"]


def test_it_shows_tables_and_figures(executed: nbformat.NotebookNode) -> None:
    data = [o.data for c in executed.cells for o in c.get("outputs", []) if "data" in o]
    pages = [d["text/html"] for d in data if "text/html" in d]
    assert sum("Qwen3-14B</td>" in page for page in pages) >= 3
    assert "has the highest accuracy" in pages[0]
    assert sum("application/vnd.plotly.v1+json" in d for d in data) == 3
    assert not [o for c in executed.cells for o in c.get("outputs", []) if o.output_type == "error"]
