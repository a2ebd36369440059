"""Figures say what the rows say: order, values, names as text, one colour a model, known intervals."""

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest
from plotly.subplots import make_subplots

from reports.figures import accuracy, dots, matrices, multiples, panels, prevalence, settings
from reports.figures.accuracy import MOST_POINTS
from reports.figures.grid import add_panels, add_shared_titles
from reports.figures.plain import Figure
from reports.figures.shared import translucent
from reports.labels import whole
from reports.style import COLOURS, DARK, LIGHT, NEUTRAL, looks_of, template


def checked(draw: Callable[..., Figure | None]) -> Callable[..., Any]:
    """Have plotly look at each property, whose classes the report does without, and JSON at each value."""

    def drawn(*values: Any, **options: Any) -> go.Figure | None:
        figure = draw(*values, **options)
        if figure is None:
            return None
        json.dumps(figure, allow_nan=False)
        return go.Figure(figure._asdict())

    return drawn


value_bars = checked(accuracy.value_bars)
latent_distribution = checked(accuracy.latent_distribution)
against_settings = checked(settings.against_settings)
dot_rows = checked(dots.dot_rows)
quality_against_cost = checked(dots.quality_against_cost)
comparison_matrix = checked(matrices.comparison_matrix)
coverage_matrix = checked(matrices.coverage_matrix)
bars = checked(multiples.bars)
clouds = checked(multiples.clouds)
curves = checked(multiples.curves)
panel_bars = checked(panels.panel_bars)
against_prevalence = checked(prevalence.against_prevalence)

PAYLOAD = '<a href="javascript:alert(1)">x</a>'


def runs(n: int) -> pd.DataFrame:
    """Return n runs of n models."""
    return pd.DataFrame(
        {
            "run_id": [f"r{place:02}" for place in range(n)],
            "run_label": [f"model {place:02}" for place in range(n)],
            "model": [f"model {place:02}" for place in range(n)],
        }
    )


def with_values(n: int) -> pd.DataFrame:
    values = [0.9 - 0.02 * place for place in range(n)]
    return runs(n).assign(
        value=values, low=[value - 0.01 for value in values], high=[v + 0.02 for v in values]
    )


def test_bars_stand_in_the_rows_order_from_0_to_1_with_their_values_printed() -> None:
    frame = with_values(5)
    figure = value_bars(frame, looks_of(frame), "Accuracy")
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [bar.y[0] for bar in bars] == frame["value"].tolist()
    assert figure.layout.yaxis.range == (0, 1)
    assert list(figure.layout.xaxis.ticktext) == frame["run_label"].tolist()
    assert list(figure.data[-1].text) == ["0.900", "0.880", "0.860", "0.840", "0.820"]


@pytest.mark.parametrize(
    ("n", "label", "ticktext", "angle"),
    [
        (5, "Gemma-3-27B-IT", "Gemma-3-27B-IT", 0),
        (5, "org/Long-Model_8B Instruct", "org/Long-Model_<br>8B Instruct", 0),
        (5, "<b>-and-other-attacks", "&lt;b&gt;-and-other-<br>attacks", 0),
        (5, "a" * 16, "a" * 16, -35),
        (20, "Gemma-3-27B-IT", "Gemma-3-27B-IT", -35),
    ],
)
def test_names_stand_level_where_they_have_room(n: int, label: str, ticktext: str, angle: int) -> None:
    frame = with_values(n).assign(run_label=label)
    layout = value_bars(frame, looks_of(frame), "Accuracy").layout
    assert (layout.xaxis.ticktext[0], layout.xaxis.tickangle) == (ticktext, angle)
    assert layout.meta.get("narrow", {}).get("xaxis.tickangle", -35) == -35


def test_an_interval_is_drawn_where_there_is_one() -> None:
    frame = with_values(2)
    frame.loc[1, ["low", "high"]] = None
    first, second = (trace for trace in value_bars(frame, looks_of(frame), "F1").data if trace.type == "bar")
    assert (first.error_y.visible, second.error_y.visible) == (True, False)
    assert first.error_y.array[0] == pytest.approx(0.02)
    assert first.error_y.arrayminus[0] == pytest.approx(0.01)


def test_a_value_that_is_undefined_gets_a_dash_and_no_bar_of_zero() -> None:
    frame = with_values(2)
    frame.loc[1, ["value", "low", "high"]] = None
    figure = value_bars(frame, looks_of(frame), "Accuracy")
    assert figure.data[1].y[0] is None
    assert figure.data[-1].text[1] == "\N{EN DASH}"


def test_a_bar_whose_colour_comes_again_has_its_models_symbol_at_its_foot() -> None:
    frame = with_values(9).assign(value=[0.5] * 8 + [0.01])
    upright = value_bars(frame, looks_of(frame), "Accuracy")
    lying = panel_bars(frame.assign(panel="p"), looks_of(frame), ["tokens"], whole)
    for figure, along, across in ((upright, "x", "y"), (lying, "y", "x")):
        assert not any(trace.marker.pattern.shape for trace in figure.select_traces({"type": "bar"}))
        # Seven colours, of which the first comes again; the ninth bar is too short.
        (marks,) = figure.select_traces({"type": "scatter", "mode": "markers"})
        assert (list(marks[along]), list(marks.marker.symbol)) == ([7], ["diamond"])
        assert 0 < marks[across][0] < 0.5
    few = with_values(7)
    assert not list(value_bars(few, looks_of(few), "Accuracy").select_traces({"mode": "markers"}))


def latents(frame: pd.DataFrame, n: int) -> pd.DataFrame:
    rows = [frame.assign(hookpoint="layers.1", latent_idx=place, value=place / n) for place in range(n)]
    return pd.concat(rows).sort_values("run_id", kind="stable")


def test_a_distribution_has_a_point_for_each_latent_that_has_a_value() -> None:
    frame = latents(runs(2), 20)
    frame.loc[frame["latent_idx"] == 3, "value"] = None
    figure = latent_distribution(frame, looks_of(runs(2)), "Accuracy")
    assert [len(trace.x) for trace in figure.data] == [19, 19]
    assert {trace.points for trace in figure.data} == {"all"}
    assert figure.data[0].customdata[0] == "layers.1, latent 0"


def test_fewer_than_twenty_latents_are_points_without_a_curve() -> None:
    frame = pd.concat([latents(runs(2).iloc[:1], 20), latents(runs(2).iloc[1:], 19)])
    of_twenty, of_fewer = latent_distribution(frame, looks_of(runs(2)), "F1").data
    assert (of_twenty.line.width, of_twenty.fillcolor) == (1.5, None)
    assert (of_fewer.line.width, of_fewer.fillcolor) == (0, "rgba(0,0,0,0)")
    assert of_fewer.meanline.color == of_fewer.marker.color


def test_too_many_points_leave_the_curve() -> None:
    frame = latents(runs(2), MOST_POINTS // 2 + 1)
    assert {t.points for t in latent_distribution(frame, looks_of(runs(2)), "F1").data} == {False}


def test_a_panel_leaves_out_what_is_unknown_and_an_empty_figure_is_none() -> None:
    frame = runs(3).assign(panel="fuzz", value=[10.0, float("nan"), 3.0])
    figure = panel_bars(frame, looks_of(frame), ["tokens"], whole)
    assert figure is not None
    assert [bar.text[0] for bar in figure.data] == ["10", "3"]
    assert list(figure.layout.yaxis.ticktext) == ["model 00", "model 02"]
    assert panel_bars(frame.assign(value=float("nan")), looks_of(frame), ["tokens"], whole) is None


@pytest.mark.parametrize(("is_one_scale", "ends"), [(False, [0.145, 0.029]), (True, [0.145, 0.145])])
def test_bars_of_one_kind_stand_on_one_scale(is_one_scale: bool, ends: list[float]) -> None:
    frame = pd.concat(
        [runs(1).assign(panel="fuzz", value=0.1), runs(1).assign(panel="detection", value=0.02)]
    )
    figure = panel_bars(frame, looks_of(runs(1)), ["share"] * 2, whole, is_one_scale=is_one_scale)
    assert figure is not None
    # 0.45 of the longest bar is room for its value
    assert [figure.layout.xaxis.range[1], figure.layout.xaxis2.range[1]] == pytest.approx(ends)


@pytest.mark.parametrize("n", [5, 20])
def test_panels_share_their_rows(n: int) -> None:
    frame = pd.concat([runs(n).assign(panel=panel, value=1.0) for panel in ("explainer", "fuzz")])
    figure = panel_bars(frame, looks_of(runs(n)), ["tokens"] * 2, whole)
    assert figure is not None
    assert len(list(figure.select_traces({"type": "bar"}))) == 2 * n
    assert [note.text for note in figure.layout.annotations] == ["explainer", "fuzz"]


def pairs(label: str = "B") -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Return three runs' comparisons: one significant, one not, one that could not be made."""
    frame = pd.DataFrame(
        {
            "run_id_a": ["a", "a", "b"],
            "run_id_b": ["b", "c", "c"],
            "difference": [0.1, -0.0204, None],
            "low": [0.05, -0.06, None],
            "high": [0.15, 0.02, None],
            "p_adjusted": [0.001, 0.3, None],
            "n_latents_shared": [20, 20, 0],
            "reason": [None, None, "different or unknown latents"],
            "differs": [None, "scorer model", None],
        }
    )
    return frame, [("a", "A"), ("b", label), ("c", "C")]


def test_a_matrix_shows_each_pair_from_both_sides() -> None:
    figure = comparison_matrix(*pairs())
    minus = "\N{MINUS SIGN}"
    (heat,) = figure.data
    assert [list(row) for row in heat.text] == [
        ["", "+.100*", f"{minus}.020"],
        [f"{minus}.100*", "", ""],
        ["+.020", "", ""],
    ]
    assert heat.customdata[1][2] == "B against C<br>different or unknown latents"
    assert "95 % from -0.150 to -0.050" in heat.customdata[1][0]
    assert (heat.zmin, heat.zmax) == (-0.1, 0.1)


def b64_rows(text: str, width: int) -> list[list[int]]:
    codes = list(b64decode(text))
    return [codes[start : start + width] for start in range(0, len(codes), width)]


def coverage(label: str = "A") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run_id": ["a", "b", "b"],
            "run_label": [label, "B", "B"],
            "hookpoint": [label, "after", label],
            "latent_idx": [1, 5, 2],
            "status": ["scored", "partly failed", "all failed"],
        }
    )


def test_a_latent_is_scored_not_scored_or_of_no_hookpoint_of_the_run() -> None:
    figure = coverage_matrix(coverage())
    (heat,) = figure.data[:1]
    assert (heat.z["dtype"], heat.z["shape"]) == ("u1", "2, 3")
    assert heat.x == ("A, latent 1", "A, latent 2", "after, latent 5")
    colours = [[str(heat.colorscale[2 * code][1]) for code in row] for row in b64_rows(heat.z["bdata"], 3)]
    scored, partly, failed, nothing = (colour for _, colour in matrices.STATES)
    assert colours == [[scored, nothing, "rgba(0,0,0,0)"], [nothing, failed, partly]]
    assert [trace.name for trace in figure.data[1:]] == [
        "scored",
        "partly failed",
        "all failed",
        "not scored",
    ]


def points(n: int, label: str | None = None) -> pd.DataFrame:
    """Return five points for each of n runs, with what every kind of small panel wants."""
    frame = runs(n) if label is None else runs(n).assign(run_label=label)
    rows = [frame.assign(x=place / 4, value=place / 5, latent_idx=place) for place in range(5)]
    more = {"low": None, "high": None, "note": label or "", "hookpoint": label or "h", "muted": False}
    return pd.concat(rows).assign(**more, hover="").sort_values("run_id", kind="stable")


@pytest.mark.parametrize(
    ("draw", "n"),
    [(draw, n) for draw in (curves, clouds, bars) for n in (1, 5, 20) if (draw, n) != (curves, 20)],
)
def test_each_run_has_a_small_panel(draw: Any, n: int) -> None:
    figure = draw(points(n), looks_of(runs(n)), "x", "y")
    assert len(figure.data) == n
    titles = [note.text for note in figure.layout.annotations]
    assert [title for title in titles if title.startswith("model")] == runs(n)["run_label"].tolist()


def test_one_panel_has_its_title_below_it() -> None:
    figure = bars(points(1), looks_of(runs(1)), "x", "y")
    (title,) = (note for note in figure.layout.annotations if note.text == "x")
    assert title.x == pytest.approx(sum(figure.layout.xaxis.domain) / 2, abs=0.01)


def test_many_curves_share_a_panel_and_a_legend_of_families() -> None:
    frame = runs(9).assign(model=[f"org/{name}-{n}" for n, name in enumerate(["Qwen3"] * 4 + ["gemma"] * 5)])
    looks = looks_of(frame)
    figure = curves(points(9), looks, "x", "y", diagonal=True)
    line, *of_runs = figure.data
    assert line.x == (0, 1)
    assert {trace.xaxis for trace in figure.data} == {"x"}
    assert [trace.name for trace in figure.data if trace.showlegend] == ["qwen", "gemma"]
    assert [trace.customdata[0] for trace in of_runs] == runs(9)["run_label"].tolist()
    assert {trace.error_y.visible for trace in of_runs} == {None}


def test_latents_of_equal_values_are_one_point_whose_area_says_how_many() -> None:
    frame = pd.concat([points(1), points(1).iloc[:1], points(1).iloc[:1], points(1).iloc[:1]])
    (trace,) = clouds(frame, looks_of(runs(1)), "x", "y").data
    assert (trace.x[0], trace.y[0]) == (0, 0)
    assert sorted(trace.x) == [0, 0.25, 0.5, 0.75, 1]
    assert list(trace.marker.size) == [8, 4, 4, 4, 4]
    assert trace.customdata[:2] == ("4 latents", "h, latent 1")


@pytest.mark.parametrize(
    ("fires", "every"),
    [([1, 20_000], 2), ([2, 9_900], 2), ([200, 90_000], 1), ([3, 3], 1), ([1, 5_000_000], 3), ([0, 5], 1)],
)
def test_powers_of_ten_stand_level_and_no_more_than_a_panel_has_room_for(
    fires: list[int], every: int
) -> None:
    # 1, 100 and 10k, also where two of them are beside the points; 1000 to 100k; none; 1, 1000 and 1M; none,
    # as 0 has no place on such an axis
    frame = points(1).head(2).assign(x=fires, hookpoint="h", latent_idx=[1, 2])
    axis = clouds(frame, looks_of(runs(1)), "x", "y", log_x=True).layout.xaxis
    assert (axis.type, axis.dtick, axis.tickangle) == ("log", every, 0)


@pytest.mark.parametrize(("shares", "end"), [([0.004, 0.01], 0.012), ([0.1, 0.3], 1), ([0, 1], 1)])
def test_bars_of_small_shares_are_not_lost_on_an_axis_to_one(shares: list[float], end: float) -> None:
    frame = points(1).head(2).assign(value=shares, muted=False, hover="h")
    figure = bars(frame, looks_of(runs(1)), "x", "y")
    assert figure.layout.yaxis.range[1] == pytest.approx(end)


def test_a_muted_bar_is_grey() -> None:
    frame = points(1).assign(muted=[False, False, False, False, True])
    (trace,) = bars(frame, looks_of(runs(1)), "x", "y").data
    assert len(set(trace.marker.color[:4])) == 1
    assert trace.marker.color[4] == NEUTRAL


def test_dots_stand_in_one_row_a_run() -> None:
    frame = pd.concat([with_values(3).assign(panel=panel) for panel in ("random", "neighbours")])
    figure = dot_rows(frame, looks_of(runs(3)), "rate")
    assert [list(trace.y) for trace in figure.data] == [[0, 1, 2]] * 2
    assert figure.data[0].error_x.visible


@pytest.mark.parametrize(("n_rows", "n_columns"), [(1, 1), (1, 3), (4, 5)])
@pytest.mark.parametrize("shared_x", [True, False])
def test_panels_lie_where_plotly_would_lay_them(n_rows: int, n_columns: int, shared_x: bool) -> None:
    titles = [f"panel {place}" for place in range(n_rows * n_columns - 1)]
    figure = Figure([], {})
    row_gap = 0.1 if n_rows > 1 else 0.0
    add_panels(figure, titles, 12, n_columns, n_rows, column_gap=0.02, row_gap=row_gap, shared_x=shared_x)
    add_shared_titles(figure, "x", "y", 12)
    expected = make_subplots(
        rows=n_rows,
        cols=n_columns,
        shared_xaxes="all" if shared_x else False,
        shared_yaxes="all",
        horizontal_spacing=0.02,
        vertical_spacing=row_gap,
        subplot_titles=titles,
        x_title="x",
        y_title="y",
    ).update_annotations(font={"size": 12})
    layout = json.loads(expected.to_json())["layout"]
    del layout["template"]
    assert figure.layout == layout


def costs(label: str | None = None) -> pd.DataFrame:
    frame = with_values(3) if label is None else with_values(3).assign(run_label=label)
    return frame.assign(panel="all", axis_title="tokens", cost=[3, 2, 9], on_frontier=[True, True, False])


def test_long_names_of_settings_do_not_run_into_one_another() -> None:
    names = [
        "constructor_cfg.n_non_activating_examples",
        "constructor_cfg.min_examples",
        "cache_cfg.n_tokens",
    ]
    frame = pd.concat([with_values(2).assign(setting=name, number=[1, 2]) for name in names])
    titles = [note.text for note in against_settings(frame, looks_of(runs(2)), "accuracy").layout.annotations]
    # A panel is 200 pixels wide, a character 7.
    assert len(set(titles)) == 3
    assert max(map(len, titles)) * 7 < 200


def test_the_frontier_joins_what_nothing_beats_by_cost() -> None:
    figure = quality_against_cost(costs(), looks_of(runs(3)), "accuracy")
    frontier = figure.data[0]
    assert list(frontier.x) == [2, 3]
    assert [trace.name for trace in figure.data[1:]] == runs(3)["run_label"].tolist()


def drawn_with(label: str) -> list[go.Figure]:
    """Draw every kind of figure with a hostile name wherever a name goes."""
    frame = with_values(2).assign(run_label=label)
    rows = latents(frame, 5).assign(hookpoint=label)
    looks = looks_of(frame)
    panels = panel_bars(frame.assign(panel=label), looks, ["tokens"], whole)
    assert panels is not None
    small = [draw(points(2, label), looks, "x", "y") for draw in (curves, clouds, bars)]
    return [
        value_bars(frame, looks, "F1"),
        latent_distribution(rows, looks, "F1"),
        panels,
        comparison_matrix(*pairs(label)),
        coverage_matrix(coverage(label)),
        dot_rows(frame.assign(panel=label), looks, "rate"),
        quality_against_cost(costs(label), looks_of(runs(3)), "accuracy"),
        *small,
    ]


@pytest.mark.parametrize("label", [PAYLOAD, "<b>bold</b>", "%{customdata}<extra>", "\x00\x1b[31m"])
def test_no_name_is_markup(label: str) -> None:
    for figure in drawn_with(label):
        for text in _every_text(figure.to_plotly_json()):
            assert "<a" not in text
            assert "<b>" not in text
            assert "\x1b" not in text


def _every_text(value: Any) -> list[str]:
    """List the texts in a figure, but for the hover templates, which are ours."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, inner in value.items() if key != "hovertemplate" for text in _every_text(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in _every_text(inner)]
    return []


def test_no_name_is_part_of_a_template() -> None:
    for figure in drawn_with("%{x} name"):
        assert all("name" not in (trace.hovertemplate or "") for trace in figure.data)


def test_each_of_twenty_models_has_its_own_look_whatever_the_order() -> None:
    frame = runs(20)
    looks = looks_of(frame)
    assert len(set(looks.values())) == 20
    assert looks_of(frame.iloc[::-1]) == looks
    assert len({look.colour for look in looks.values()}) == len(COLOURS)


def test_many_models_have_their_familys_colour_a_mark_each_and_then_a_shade() -> None:
    models = [f"org/Qwen{n}-B" for n in range(7)] + ["gemma-3", "Gemma-4"]
    looks = looks_of(runs(9).assign(model=models))
    in_order = [looks[f"r0{place}"] for place in range(9)]
    assert [look.family for look in in_order] == ["qwen"] * 7 + ["gemma"] * 2
    # gemma before qwen; the seventh mark is the first again, lighter: 0.55 * (230, 159, 0) + 0.45 * 255
    assert [look.colour for look in in_order] == [COLOURS[1]] * 6 + ["#F1CA73"] + [COLOURS[0]] * 2
    assert len({(look.colour, look.symbol) for look in in_order}) == 9


def test_few_models_have_a_colour_each_whatever_their_families() -> None:
    looks = looks_of(runs(7).assign(model=[f"Qwen-{n}" for n in range(7)]))
    assert len({look.colour for look in looks.values()}) == 7


def test_runs_of_one_model_share_its_look() -> None:
    frame = runs(3).assign(model=["a", "b", "a"])
    looks = looks_of(frame)
    assert looks["r00"] == looks["r02"] != looks["r01"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_text_contrasts_with_the_paper(theme: Any) -> None:
    # WCAG 2: 4.5 to 1 for text
    assert contrast(theme.ink, theme.paper) >= 4.5
    assert contrast(theme.quiet, theme.paper) >= 4.5
    assert template(theme)["layout"]["paper_bgcolor"] == theme.paper


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_f1_against_prevalence_has_a_line_a_run_and_a_mark_where_two_cross() -> None:
    frame = pd.DataFrame(
        [
            *(
                ("curve", f"r0{n}", f"<b>{n}", q, q * (n + 1), None, None)
                for n in (0, 1)
                for q in (0.01, 0.5)
            ),
            ("value", "r00", "<b>0", 0.5, 0.5, 0.4, 0.7),
            # a logarithmic axis has no place for 0
            ("value", "r01", "<b>1", 0.5, 0.0, None, None),
            ("crossing", "r00", "<b>0 and <b>1", 0.2, 0.3, None, None),
        ],
        columns=["part", "run_id", "run_label", "q", "f1", "low", "high"],
    )
    figure = against_prevalence(frame, looks_of(runs(2)))
    line, points, other_line, other_points, crossing = figure.data
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    assert (line.x, line.y, other_line.y) == ((0.01, 0.5), (0.01, 0.5), (0.02, 1.0))
    assert (points.x, points.y, other_points.y) == ((0.5,), (0.5,), (None,))
    assert [*points.error_y.array, *points.error_y.arrayminus] == pytest.approx([0.2, 0.1])
    assert [points.name, other_points.name] == ["&lt;b&gt;0", "&lt;b&gt;1"]
    assert line.line.color == points.marker.color[0] == COLOURS[0]
    assert (crossing.x, crossing.y) == ((0.2,), (0.3,))
    assert crossing.customdata[0] == "&lt;b&gt;0 and &lt;b&gt;1"


def test_a_translucent_colour_is_written_as_plotly_takes_it() -> None:
    assert translucent("#E69F00", 0.5) == "rgba(230, 159, 0, 0.5)"
