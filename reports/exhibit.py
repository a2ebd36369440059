"""Say what a report is made of: sections of exhibits, each one query shown as a figure, a table or both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING, Any, Literal

from .labels import DASH, is_missing, words
from .style import Looks
from .warehouse import literal

if TYPE_CHECKING:
    import pandas as pd

    from .figures.plain import Figure

SIGNS = ("+", "\N{MINUS SIGN}")
STRICT_FORMS = ("accuracy", "recall", "f1")
# The family of scores whose files say of each example whether the scorer took it for activating.
CLASSIFIER = "classifier"
# All others, whose measures stand in latent_scores.
OTHER = "other"


@dataclass(frozen=True)
class Column:
    """Name a column of a table, its heading and how its cells are written.

    low, high: columns with the ends of its interval, written small beside the value
    optional: it is left out of a table in which it is empty
    repeats: another column; where every row has its value, this one is left out
    """

    name: str
    heading: str
    show: Callable[[Any], str] = words
    numeric: bool = False
    low: str | None = None
    high: str | None = None
    optional: bool = False
    repeats: str | None = None

    def is_worth_showing(self, frame: "pd.DataFrame") -> bool:
        """Tell whether it says something that the table has not said."""
        if self.optional and frame[self.name].isna().all():
            return False
        return self.repeats is None or not frame[self.name].equals(frame[self.repeats])


@dataclass(frozen=True)
class Exhibit:
    """Describe one query and how it is shown.

    name: of its files and its part of the page
    title: may hold {score_type}
    view: the relation it shows, named in the caption
    query: SQL; $score_type stands for the score type, $accuracy and the like for the measure under the policy
    caption: says what is shown and over how many
    nothing: says why there is nothing to show, if the query gives no row
    figure: makes the figure; None if no value is defined
    columns: of its table; none, no table; a function of the frame where its query alone knows them
    by_score_type: it stands in the report once per score type
    family: of scores, without which it is left out; None if it is about every family
    optional: it is left out if its query gives no row
    table: on the page it is open, folded behind a line to click, or facts: a term and what is said of it per
        row; None: folded if there is a figure
    """

    name: str
    title: str
    view: str
    query: str
    caption: "Callable[[pd.DataFrame], str]"
    nothing: str
    figure: "Callable[[pd.DataFrame, Looks], Figure | None] | None" = None
    columns: "tuple[Column, ...] | Callable[[pd.DataFrame], tuple[Column, ...]]" = ()
    by_score_type: bool = False
    family: str | None = None
    optional: bool = False
    table: Literal["open", "folded", "facts"] | None = None

    def columns_of(self, frame: "pd.DataFrame") -> tuple[Column, ...]:
        """Give the columns of the table of these rows."""
        return self.columns(frame) if callable(self.columns) else self.columns

    def text_of_query(self, policy: str, score_type: str | None = None) -> str:
        """Write the query out for a failure policy and, if it is asked per score type, a score type."""
        names = policy_columns(policy)
        if score_type is not None:
            names["score_type"] = literal(score_type)
        return Template(self.query).substitute(names)


@dataclass(frozen=True)
class Section:
    """Hold exhibits that answer one question, and the sentence that leads into them.

    after_latents: on the page it stands below the latents
    """

    name: str
    title: str
    lead: str
    exhibits: tuple[Exhibit, ...]
    after_latents: bool = False


def policy_columns(policy: str) -> dict[str, str]:
    """Map accuracy, precision, recall, f1 and the ends of their intervals to columns under a failure policy.

    accuracy_name and the like are the names as SQL texts, policy its own name. Strict forms exist for three
    measures only; the fourth is null under that policy.
    """
    names = {}
    for measure in ("accuracy", "precision", "recall", "f1"):
        for end in ("", "_low", "_high"):
            if policy == "valid":
                names[measure + end] = measure + end
            elif measure in STRICT_FORMS:
                names[measure + end] = f"{measure}_strict{end}"
            else:
                names[measure + end] = "cast(null as double)"
        names[f"{measure}_name"] = literal(names[measure])
    names["policy"] = literal(policy)
    return names


def cell(column: Column, row: Mapping[str, Any]) -> str:
    """Write a cell's value."""
    value = row[column.name]
    return column.show(None if is_missing(value) else value)


def interval_cell(column: Column, row: Mapping[str, Any]) -> str:
    """Write the interval beside a cell's value; "" if there is none."""
    if column.low is None or column.high is None or is_missing(row[column.low]):
        return ""
    low, high = column.show(row[column.low]), column.show(row[column.high])
    return f"{low} to {high}" if low.startswith(SIGNS) else f"{low}{DASH}{high}"
