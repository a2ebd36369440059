"""Each sentence that the page begins with: where it is said, and that it is not where it does not hold."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_warehouse import SmallWarehouse
from test_ranking import Counts, latents

from loader.views.keep import keep_rows
from reports.assemble.fill import fill
from reports.assemble.headline import Statement, headline
from reports.sections.contents import exhibit_named
from reports.warehouse import Selection, open_warehouse

EXHIBITS = (
    "accuracy_bar",
    "policy_reversals",
    "f1_bar",
    "prevalence",
    "control_margins",
    "total_tokens_usage",
    "coverage",
    "data_quality",
    "problems",
)
JUDGE = {"model": "subject", "sparse_model": "sae", "scorer_model": "org/Judge"}
ITSELF = JUDGE | {"scorer_model": None}
RUNS: dict[str, dict[str, Any]] = {
    "A": JUDGE,
    "B": JUDGE,
    "C": JUDGE,
    "Other judge": JUDGE | {"scorer_model": "org/Other"},
    "Other latents": JUDGE | {"sparse_model": "another"},
    "Itself 1": ITSELF,
    "Itself 2": ITSELF,
    "Unknown 1": JUDGE | {"explainer_model": None, "scorer_model": None},
    "Unknown 2": JUDGE | {"explainer_model": None, "scorer_model": None},
}
SILENT: list[Counts] = [(0, 0, 0, 0, 20, 10)] * 12
ONE_CLASS: list[Counts] = [(8 + i % 2, 0, 0, 2 - i % 2, 0, 0) for i in range(12)]
# Says yes to everything, or to nothing, now and then to something else.
YES: list[Counts] = [(10 - i % 2, 10, 0, i % 2, 0, 0) for i in range(12)]
NO: list[Counts] = [(2 + i % 2, 1, 9, 8 - i % 2, 0, 0) for i in range(12)]
NEAR: list[Counts] = [(tp, fp, tn, fn, 0, 0) for tp, fp, tn, fn, *_ in latents(14)[::-1]]
# Each score type is a situation: the runs that have scores of it.
SITUATIONS: dict[str, dict[str, list[Counts]]] = {
    "ahead": {"A": latents(18), "B": latents(14), "C": latents(12)},
    "tied": {"A": [*latents(14)[:-1], (9, 1, 9, 1, 0, 0)], "B": NEAR},
    "equal": {"A": latents(14), "B": NEAR, "C": latents(12)},
    "easy latents": {"A": latents(14, n=12), "B": [*latents(16, n=12), *latents(2, n=20)]},
    "alone": {"A": latents(14)},
    "one may be ranked": {"A": latents(14), "B": latents(18, n=3)},
    "none may be ranked": {"A": latents(18, n=3), "B": latents(14, n=1), "C": ONE_CLASS},
    "silent": {"A": SILENT, "B": SILENT},
    "another judge": {"A": latents(16), "B": latents(12), "Other judge": latents(18)},
    "no two alike": {"A": latents(16), "Other judge": latents(14)},
    "by themselves": {"Itself 1": latents(16), "Itself 2": latents(12)},
    "nobody knows": {"Unknown 1": latents(16), "Unknown 2": latents(12)},
    "other latents": {"A": latents(16), "Other latents": latents(12)},
    "turned round": {"A": latents(16, failed=8), "B": latents(14)},
    "turned round unranked": {"A": latents(16, failed=30), "B": latents(14)},
    "below chance": {"A": NO, "B": YES, "C": latents(4)},
}
# Sentences, and the situations in which each is said: in no other.
VALUE = r"0\.\d{3} \(95 % interval 0\.\d{3} to 0\.\d{3}\) over 12 latents"
SAID: dict[str, list[str]] = {
    f"^Of 2 ranked runs that were judged alike, A has the highest accuracy, {VALUE}": ["another judge"],
    f"^A has the highest accuracy, {VALUE}": [
        *("ahead", "tied", "easy latents", "other latents", "turned round", "below chance")
    ],
    f"^Itself 1 has the highest accuracy, {VALUE}": ["by themselves"],
    f"^Unknown 1 has the highest accuracy, {VALUE}": ["nobody knows"],
    rf"^A and B share the highest accuracy, {VALUE}\.": ["equal"],
    r", 0\.\d{3} above B on the 12 latents that both scored\.": [
        "ahead",
        "tied",
        "another judge",
        "turned round",
        "below chance",
    ],
    r", 0\.\d{3} above Itself 2 on the 12 latents that both scored\.": ["by themselves"],
    r", 0\.\d{3} above Unknown 2 on the 12 latents that both scored\.": ["nobody knows"],
    rf"^A is the only run; its accuracy: {VALUE}\.": ["alone"],
    rf"^A is the only run that may be ranked; its accuracy: {VALUE}\.": ["one may be ranked"],
    rf"^B is the only run that may be ranked; its accuracy: {VALUE}\.": ["turned round unranked"],
    r"^No run can be ranked\.": ["none may be ranked"],
    r"^No run has an accuracy: no example was answered\.": ["silent"],
    r"^No two of the 2 runs that may be ranked were judged alike: they have no order\.": ["no two alike"],
    r"The data do not tell it apart from B \(latent by latent, Holm, 5 %\)\.": ["tied"],
    r"If the difference is what it seems, that takes [\d,]+ latents \(at a power of 80 %\)\.": ["tied"],
    r"Significantly behind it: B and C\.": ["ahead", "below chance"],
    r"Significantly behind it: B\.": ["another judge", "turned round"],
    r"Significantly behind them: C\.": ["equal"],
    r"Significantly behind it, explainer and judge together: Itself 2\.": ["by themselves"],
    r"Significantly behind it, explainer and judge together: Unknown 2\.": ["nobody knows"],
    r"On the latents that both scored B is better by 0\.\d{3}: "
    r"the order is one of latents, not of explainers\.": ["easy latents"],
    r"There is no test of it against Other latents; Run against run says why\.": ["other latents"],
    r"Every one of these explainers judged itself: "
    r"explainer and judge are ranked together\.": ["by themselves"],
    r"Which models judged is not known: explainer and judge are ranked together\.": ["nobody knows"],
    r"Judged otherwise, and not in this order: 1 run\.": ["another judge"],
    r"1 run is not ranked, 0\.917 over 3 latents: fewer than 10 latents answered\.": ["one may be ranked"],
    r"1 run is not ranked, 0\.817 over 12 latents: "
    r"fewer than half of the examples answered\.": ["turned round unranked"],
    r"3 runs are not ranked: 2 \(fewer than 10 latents answered\), "
    r"1 \(one class only\)\.": ["none may be ranked"],
    r"Had A all answers, its accuracy would lie between 0\.583 and 0\.869\.": ["turned round"],
    r"Failures counted as wrong turn the order of A and B round\.": ["turned round"],
    r"Failures counted as wrong turn the order of 1 pair of runs round "
    r"that may not be ranked together\.": ["turned round unranked"],
    r"By balanced accuracy every run is above chance\.": [
        *("ahead", "tied", "equal", "alone", "another judge", "no two alike"),
        *("by themselves", "nobody knows", "other latents", "turned round", "turned round unranked"),
    ],
    r"By balanced accuracy, of 2 runs with an interval, 1 is above chance, "
    r"1 is not told apart from it\.": ["easy latents", "one may be ranked"],
    r"By balanced accuracy, of 1 run with an interval, 1 is not told apart from it\.": ["none may be ranked"],
    r"By balanced accuracy, of 3 runs with an interval, 1 is above chance, 2 are below it\.": [
        "below chance"
    ],
    r"By F1, of 2 runs, 1 is below a scorer that always says yes\.": [
        *("easy latents", "by themselves", "nobody knows", "other latents"),
    ],
    r"By F1, of 3 runs, 1 is below a scorer that always says yes\.": ["ahead", "equal", "another judge"],
    r"By F1, of 3 runs, 3 are below a scorer that always says yes\.": ["below chance"],
}


@pytest.fixture(scope="module")
def said(new_warehouse: Path) -> dict[str, str]:
    """Load all situations into one warehouse, and give what is said of each."""
    warehouse = SmallWarehouse(new_warehouse)
    for name, config in RUNS.items():
        warehouse.run(name, {"explainer_model": f"org/{name}"} | config)
    for situation, runs in SITUATIONS.items():
        for name, counts in runs.items():
            warehouse.many_counts(name, situation, counts)
    keep_rows(warehouse.connection)
    warehouse.connection.close()
    return {about.removeprefix("Under "): text for about, text in statements(warehouse.path)}


def statements(path: Path, policy: str = "valid", **selection: Any) -> list[Statement]:
    """Fill what the head of a report is made of, and give it."""
    with open_warehouse(path, Selection(**selection)) as warehouse:
        shown = [shown for name in EXHIBITS for shown in fill(exhibit_named(name), warehouse, policy=policy)]
        frames = {(one.exhibit.name, one.score_type): one.frame for one in shown}
        return headline(frames, warehouse.families)


@pytest.mark.parametrize("sentence", SAID)
def test_a_sentence_is_said_where_it_holds_and_nowhere_else(said: dict[str, str], sentence: str) -> None:
    found = [situation for situation in SITUATIONS if re.search(sentence, said[situation])]
    assert sorted(found) == sorted(SAID[sentence]), said


@pytest.mark.parametrize("situation", SITUATIONS)
def test_no_other_sentence_is_said(said: dict[str, str], situation: str) -> None:
    rest = said[situation]
    for sentence in SAID:
        rest = re.sub(sentence, "", rest)
    assert rest.strip(" .") == ""


EASY = latents(14, n=12)
HARD = [*latents(16, n=12), *latents(2, n=20)]
# Situations that say one thing more, and what they say: under a policy, of these runs.
FURTHER: dict[str, tuple[str, dict[str, list[Counts]], str]] = {
    "two are turned round": (
        "valid",
        {"A": latents(16, failed=8), "B": latents(14), "C": latents(13)},
        r"Failures counted as wrong turn the order of A and B round, and that of 1 other pair\.",
    ),
    "turned round, judged otherwise": (
        "valid",
        {"A": latents(16, failed=8), "Other judge": latents(14)},
        r"Failures counted as wrong turn the order of 1 pair of runs round that may not be ranked together\.",
    ),
    "two are better on shared latents": (
        "valid",
        {"A": EASY, "B": HARD, "C": HARD},
        r"On the latents that both scored B and C are better: "
        r"the order is one of latents, not of explainers\.",
    ),
    "failures are wrong": (
        "strict",
        {"A": latents(16, failed=8), "B": latents(14)},
        rf"^B has the highest accuracy, failures counted as wrong, {VALUE}, 0\.\d{{3}} above A ",
    ),
}


@pytest.fixture(scope="module")
def further(new_warehouse: Path) -> dict[str, dict[str, str]]:
    """Give what is said of each under either policy."""
    warehouse = SmallWarehouse(new_warehouse)
    for name, config in RUNS.items():
        warehouse.run(name, {"explainer_model": f"org/{name}"} | config)
    for situation, (_, counts_of, _) in FURTHER.items():
        for name, counts in counts_of.items():
            warehouse.many_counts(name, situation, counts)
    keep_rows(warehouse.connection)
    warehouse.connection.close()
    return {
        policy: {about.removeprefix("Under "): text for about, text in statements(warehouse.path, policy)}
        for policy in ("valid", "strict")
    }


@pytest.mark.parametrize("situation", FURTHER)
def test_what_is_said_where_several_are_concerned(further: dict[str, dict[str, str]], situation: str) -> None:
    policy, _, sentence = FURTHER[situation]
    found = [other for other in FURTHER if re.search(sentence, further[policy][other])]
    assert found == [situation]


def test_how_many_latents_would_tell_the_tied_apart(demo_warehouse: Path) -> None:
    fuzz = dict(statements(demo_warehouse, score_types=("fuzz",)))["Under fuzz"]
    # Qwen3-14B from Gemma-3-27B-IT, 0.0166 apart, and from Gemma-3-12B-IT, 0.0004 apart
    assert "If the differences are what they seem, that takes 590 to more than 100,000 latents (" in fuzz


RANDOM = JUDGE | {"constructor_cfg": {"non_activating_source": "random"}}
FAISS = JUDGE | {"constructor_cfg": {"non_activating_source": "FAISS"}}
# Says yes readily; seldom, and then rightly; nearly as seldom, and less often rightly.
READY: list[Counts] = [(9, 4 + i % 2, 6 - i % 2, 1, 0, 0) for i in range(12)]
WARY: list[Counts] = [(5 + i % 2, 1 - i % 2, 9 + i % 2, 5 - i % 2, 0, 0) for i in range(12)]
FIRST: list[Counts] = [(9, i % 2, 10 - i % 2, 1, 0, 0) for i in range(12)]
RARE: dict[str, tuple[dict[str, list[Counts]], str | None]] = {
    "another first": (
        {"Random 1": READY, "Random 2": WARY},
        r"first is Random 2, 0\.\d{3} \(95 % interval 0\.\d{3} to 0\.\d{3}\), and not Random 1\.",
    ),
    "another second": (
        {"Random 1": FIRST, "Random 2": READY, "Random 3": WARY},
        r"first is still Random 1, 0\.\d{3} \(95 % interval 0\.\d{3} to 0\.\d{3}\)\.",
    ),
    "the same order": ({"Random 1": latents(18), "Random 2": latents(14)}, None),
    "the other is not ranked": ({"Random 1": READY, "Random 2": WARY[:3], "Random 3": latents(12)}, None),
    "not of all texts": ({"FAISS 1": READY, "FAISS 2": WARY}, None),
    "judged otherwise": ({"Random 1": READY, "Other judge": WARY}, None),
    "no run is ranked": ({"Random 1": READY[:3], "Random 2": WARY[:3]}, None),
}


@pytest.fixture(scope="module")
def said_of_rare_texts(new_warehouse: Path) -> dict[str, str]:
    """Load what is ordered by F1 in one way or another, and give what is said of each."""
    warehouse = SmallWarehouse(new_warehouse)
    other = RANDOM | {"scorer_model": "org/Other"}
    runs = {f"Random {n}": RANDOM for n in (1, 2, 3)} | {f"FAISS {n}": FAISS for n in (1, 2)}
    for name, config in {**runs, "Other judge": other}.items():
        warehouse.run(name, {"explainer_model": f"org/{name}"} | config)
    for situation, (counts_of, _) in RARE.items():
        for name, counts in counts_of.items():
            warehouse.many_counts(name, situation, counts)
    keep_rows(warehouse.connection)
    warehouse.connection.close()
    return {about.removeprefix("Under "): text for about, text in statements(warehouse.path)}


@pytest.mark.parametrize("situation", RARE)
def test_an_order_that_turns_round_in_rare_texts_is_said_only_of_what_may_be_ranked(
    said_of_rare_texts: dict[str, str], situation: str
) -> None:
    _, wanted = RARE[situation]
    found = said_of_rare_texts[situation].partition("Where one text in a hundred activates a latent")[2]
    if wanted is None:
        assert found == ""
        return
    beginning = ", and not one in two, the order by F1 of answered examples is another; "
    assert re.fullmatch(beginning + wanted, found)


@pytest.fixture(scope="module")
def rest(new_warehouse: Path) -> Path:
    """Fill a warehouse with runs of known and unknown costs, with answers that fail, and with problems."""
    warehouse = SmallWarehouse(new_warehouse)
    for name, tokens in {"three": 3, "five": 5, "five too": 5, "unknown": None}.items():
        warehouse.run(name, JUDGE | {"explainer_model": f"org/{name}"})
        for latent in range(10):
            failed = 20 * (name == "five")
            warehouse.explanation(name, latent, "years")
            warehouse.counts(name, "fuzz", latent, (5, 5, 5, 5, 0, 0))
            warehouse.counts(name, "half", latent, (5, 5, 5, 5, failed, failed // 2))
        stats = warehouse.file(name, f"/r/{name}/explainer_stats.json", "stats")
        prompt = None if tokens is None else 10 * tokens - 10
        warehouse.insert("stats_facts", [[stats, "DefaultExplainer", 1.0, prompt, 10, 10]])
    warehouse.run("no scores")
    for latent in range(2):
        broken = warehouse.score_file("three", "fuzz", 90 + latent, status="failed")
        warehouse.insert("file_problems", [[broken, "not JSON", "failed", "cut short"]])
    for kind, severity in (("intruder", "unsupported"), ("a link", "finding")):
        warehouse.insert("scan_problems", [["three", f"/r/three/{kind}", kind, severity, "as it is"]])
    keep_rows(warehouse.connection)
    warehouse.connection.close()
    return warehouse.path


@pytest.mark.parametrize(
    ("runs", "sentence"),
    [
        ("three", "The explainer of three used 3 tokens per latent."),
        ("five*", "The explainers of five and five too used 5 tokens per latent."),
        (
            "[tf]*",
            "The explainer of three used the fewest, 3 tokens per latent;"
            " the explainers of five and five too the most, 5.",
        ),
        ("*[hk]*", "Tokens are known of 1 of 2 runs. The explainer of three used 3 tokens per latent."),
        ("unknown", None),
    ],
)
def test_costs_are_compared_as_far_as_they_are_known(rest: Path, runs: str, sentence: str | None) -> None:
    assert said_of(rest, "Cost", runs, "fuzz") == sentence


@pytest.mark.parametrize(
    ("about", "runs", "score_type", "sentence"),
    [
        ("Coverage", "five", "fuzz", "Every one of 200 examples was answered."),
        ("Coverage", "five", "half", "200 of 400 examples (50.0 %) were not answered."),
        (
            "Coverage",
            "five*",
            "half",
            "200 of 600 examples (33.3 %) were not answered, and up to 50.0 % of a run's under one scorer.",
        ),
        ("Coverage", "no scores", "fuzz", "No scores are loaded."),
        ("Worst in the data", "five too", "fuzz", None),
        (
            "Worst in the data",
            "five",
            "half",
            "five: 200 of 400 examples have no prediction. Measures leave them out, and the strict ones"
            " count them as wrong; accuracy_lowest and _highest, f1_lowest and _highest bound what all"
            " answers could give.",
        ),
        (
            "Problems",
            "three",
            "fuzz",
            "2 files could not be used; 1 of a kind not yet loaded; 1 finding about the rest.",
        ),
        ("Problems", "five", "fuzz", None),
    ],
)
def test_what_else_is_said(rest: Path, about: str, runs: str, score_type: str, sentence: str | None) -> None:
    assert said_of(rest, about, runs, score_type) == sentence


def said_of(path: Path, about: str, runs: str, score_type: str) -> str | None:
    return dict(statements(path, runs=(runs,), score_types=(score_type,))).get(about)


def test_the_worst_finding_is_said_with_the_runs_that_share_it() -> None:
    quality = pd.DataFrame(
        {
            "kind": ["failed predictions", "failed predictions", "copies", "other"],
            "run_id": ["a", "b", "a", "b"],
            "run_label": ["A", "B", "A", "B"],
            "finding": ["9 of 10 failed.", "1 of 10 failed.", "All are copies.", "Odd."],
            "meaning": ["Bounds.", "Bounds.", "No evidence.", "Nothing."],
        }
    )
    texts = {
        n: dict(headline(no_frames() | {("data_quality", None): quality[:n]}, {}))["Worst in the data"]
        for n in (1, 2, 3, 4)
    }
    assert texts == {
        1: "A: 9 of 10 failed. Bounds.",
        2: "A: 9 of 10 failed. Bounds. The same kind of finding: B.",
        3: "A: 9 of 10 failed. Bounds. The same kind of finding: B. 1 other finding under Data quality.",
        4: "A: 9 of 10 failed. Bounds. The same kind of finding: B. 2 other findings under Data quality.",
    }


def no_frames() -> dict[tuple[str, str | None], pd.DataFrame]:
    """Give what a warehouse without anything has."""
    columns = {
        "total_tokens_usage": ["stage", "run_id", "run_label", "tokens_per_latent"],
        "coverage": ["run_id", "n_examples", "n_failed"],
        "data_quality": [],
        "problems": ["severity"],
    }
    return {(name, None): pd.DataFrame(columns=names) for name, names in columns.items()}
