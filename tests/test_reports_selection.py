"""`--run`, `--where` and `--by`: which runs a report is about, and the groups that they stand in."""

import json
import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from commands import answer, run
from run_files import examples, write_run

import explainer_warehouse
from loader.load import Settings, load
from reports.assemble.catalogue import figure_placements
from reports.grouping import GroupingError, grouping_sql
from reports.sections.groups import GROUPS_SECTION
from reports.sections.settings import SETTINGS_SECTION
from reports.style import looks_of
from reports.warehouse import Selection, WarehouseError, open_warehouse


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, new_warehouse: Path) -> Path:
    """Load four runs at three temperatures, and what a file knows of three; it is only to be copied."""
    place = tmp_path_factory.mktemp("loaded")
    for name, temperature, tp in (("a", 0, 4), ("x/b", 0.5, 3), ("c", 0.5, 2), ("d", 1, 1)):
        config = {"explainer_model": f"org/M-{name[-1]}", "sampler": {"temperature": temperature}, "seed": 1}
        scores = {"fuzz": {f"layers.1_latent{i}": examples(tp=tp, tn=i, fn=4 - tp) for i in (1, 2, 3)}}
        write_run(place / "results" / name, scores, config=config)
    path = Path(shutil.copy(new_warehouse, place / "warehouse.duckdb"))
    load(path, [place / "results"], Settings())
    (place / "lab.csv").write_text("run,team,hours\na,red,1\nb,blue,2\nc,red,30\n")
    assert run("loader", "metadata", "lab.csv", cwd=place).exit_code == 0
    return path


@pytest.fixture
def path(loaded: Path, warehouse: Path) -> Path:
    """Return a warehouse of one's own with them."""
    return Path(shutil.copy(loaded, warehouse))


def selected(path: Path, **selection: object) -> list[str]:
    with open_warehouse(path, Selection(**selection)) as warehouse:  # type: ignore[arg-type]
        return [
            name
            for (name,) in warehouse.connection.execute("select run_name from runs order by 1").fetchall()
        ]


@pytest.mark.parametrize("glob", ["b", "M-b", "*b"])
def test_a_run_is_selected_by_its_name_directory_or_label(path: Path, glob: str) -> None:
    assert selected(path, runs=(glob,)) == ["b"]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("lab_hours > 1", ["b", "c"]),
        ("lab_team = 'red' or lab_team is null", ["a", "c", "d"]),
        ("config ->> '$.sampler.temperature' = '0.5' -- a comment", ["b", "c"]),
    ],
)
def test_a_condition_is_any_sql_on_runs_enriched(path: Path, condition: str, names: list[str]) -> None:
    assert selected(path, where=condition) == names


def test_conditions_and_globs_hold_together(path: Path) -> None:
    assert selected(path, where="lab_team = 'red'", runs=("[ab]",)) == ["a"]


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        ({"where": "lab_hour > 1"}, "--where 'lab_hour > 1': Binder Error"),
        ({"where": "lab_hour > 1"}, '! Candidate bindings: "lab_hours"'),
        ({"where": "lab_hours > 100"}, "no run satisfies --where 'lab_hours > 100'"),
        ({"where": "lab_hours > 1", "runs": ("a",)}, "no run satisfies both --run and --where"),
        ({"runs": ("M-x",)}, "no run has a run name like --run 'M-x'; there are a, b, c, d"),
        ({"score_types": ("fuz",)}, "no scores of type fuz; did you mean fuzz?"),
        (
            {"by": "hour"},
            "--by no column of runs_enriched and no setting is called 'hour'; did you mean hours or",
        ),
    ],
)
def test_what_selects_nothing_is_said(path: Path, selection: dict[str, object], said: str) -> None:
    with pytest.raises(WarehouseError) as caught:
        selected(path, **selection)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("lab_team", {"a": "red", "b": "blue", "c": "red", "d": ""}),
        ("team", {"a": "red", "b": "blue", "c": "red", "d": ""}),
        ("sampler.temperature", {"a": "0", "b": "0.5", "c": "0.5", "d": "1"}),
        ("temperature", {"a": "0", "b": "0.5", "c": "0.5", "d": "1"}),
    ],
)
def test_runs_of_a_group_share_their_colour(path: Path, by: str, groups: dict[str, str]) -> None:
    with open_warehouse(path, Selection(by=by, runs=("a", "b"))) as warehouse:
        names = dict(
            warehouse.connection.execute(
                "select run_id, run_name from behind_the_views.run_configs"
            ).fetchall()
        )
        found = {names[run_id]: group for run_id, group in warehouse.all_runs.itertuples(index=False)}
        looks = looks_of(warehouse.all_runs)
    assert found == groups
    by_group = {
        group: {looks[i] for i, name in names.items() if groups[name] == group} for group in groups.values()
    }
    assert all(len(found) == 1 for found in by_group.values())
    assert len({look for found in by_group.values() for look in found}) == len(by_group)


def test_a_report_by_a_setting_has_its_groups_and_sql_that_can_be_run(path: Path, tmp_path: Path) -> None:
    answer("reports", "build", "--format", "html,md", "-o", "out", "--by", "temperature", cwd=tmp_path)
    report = (tmp_path / "out" / "report.md").read_text()
    table = report.partition("### Accuracy by group under fuzz")[2].partition("###")[0]
    cells = [line.split("|")[1:4] for line in table.splitlines() if "M-" in line]
    rows = [[cell.strip().split(" <")[0] for cell in line] for line in cells]
    assert [row[:2] for row in rows] == [["0", "M-a"], ["0.5", "M-b"], ["0.5", "M-c"], ["1", "M-d"]]
    # 3 latents of 4 activating and 1, 2, 3 other examples: right are 3 tp + 6 of 18.
    assert [row[2] for row in rows] == ["1.000", "0.833", "0.667", "0.500"]
    settings = report.partition("### Settings that differ")[2]
    assert "sampler.temperature" in settings
    listed = json.loads(
        answer("reports", "table", "groups_fuzz", "--by", "team", "--format", "json", cwd=tmp_path)
    )
    means = {row["group_name"]: row["group_mean"] for row in listed}
    assert means == pytest.approx({"red": (1 + 2 / 3) / 2, "blue": 5 / 6, None: 0.5})
    with open_warehouse(path, Selection(by="team")) as warehouse:
        settings = warehouse.settings
    with duckdb.connect(path, read_only=True) as connection:
        rows_again = connection.execute(settings + "select count(*) from run_groups").fetchall()
    assert rows_again == [(4,)]


def test_a_measure_has_a_panel_per_group_in_its_colour(path: Path) -> None:
    with open_warehouse(path, Selection(by="temperature")) as warehouse:
        looks = looks_of(warehouse.all_runs)
        titles = []
        for exhibit in GROUPS_SECTION.exhibits:
            titles.append(exhibit.title.partition(" by group")[0])
            assert exhibit.figure is not None
            figure = exhibit.figure(warehouse.read(exhibit.text_of_query("valid", "fuzz")), looks)
            assert figure is not None
            assert [note["text"] for note in figure.layout["annotations"]] == ["0", "0.5", "1"]
            assert [len(trace["x"]) for trace in figure.data] == [1, 2, 1]
            colours = [set(trace["marker"]["color"]) for trace in figure.data]
            assert [len(found) for found in colours] == [1, 1, 1]
            assert len(set.union(*colours)) == 3
        names = [{p.name for p in figure_placements(warehouse.families, by)} for by in ("", "team")]
    assert titles == ["Accuracy", "Balanced accuracy", "F1"]
    assert names[1] - names[0] == {"groups_fuzz", "groups_balanced_fuzz", "groups_f1_fuzz"}


def test_accuracy_stands_over_settings_that_are_numbers(path: Path, tmp_path: Path) -> None:
    listed = json.loads(
        answer("reports", "table", "settings_accuracy_fuzz", "--format", "json", cwd=tmp_path)
    )
    assert [(row["setting"], row["number"], round(row["value"], 3)) for row in listed] == [
        ("sampler.temperature", 0, 1.0),
        ("sampler.temperature", 0.5, 0.833),
        ("sampler.temperature", 0.5, 0.667),
        ("sampler.temperature", 1, 0.5),
    ]
    with explainer_warehouse.open(path) as opened:
        (trace,) = opened.figure("settings_accuracy", score_type="fuzz").data
    assert list(trace.x) == [0, 0.5, 0.5, 1]
    assert list(trace.y) == pytest.approx([1, 5 / 6, 2 / 3, 0.5])


@pytest.mark.parametrize(
    ("value", "said"), [(15_000_000.0, "15,000,000"), (0.5, "0.5"), (512.0, "512"), (2.5e-4, "0.00025")]
)
def test_a_setting_that_is_a_number_is_printed_in_full(value: float, said: str) -> None:
    [shows] = [
        exhibit.columns_of(pd.DataFrame())[1].show
        for exhibit in SETTINGS_SECTION.exhibits
        if exhibit.name == "settings_accuracy"
    ]
    assert shows(value) == said


def test_a_name_that_fits_several_is_asked_back() -> None:
    with pytest.raises(GroupingError, match=r"'n' is any of a_n, b_n; say which"):
        grouping_sql("n", ["a_n", "b_n"], [])
    assert 'cast("n" as varchar)' in grouping_sql("n", ["n", "a_n"], ["x.n"])
    assert "s.setting = 'x.it''s'" in grouping_sql("it's", [], ["x.it's"])
