"""Fill exhibits: run the query of each place in which one stands, and draw its figure."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..exhibit import Exhibit
from ..labels import in_id
from ..style import Looks
from ..warehouse import Families, RefusedError, Warehouse, all_score_types
from .filled import Placement, Shown

if TYPE_CHECKING:
    from ..figures.plain import Figure

# What a value makes of a query, or of arithmetic on its rows.
UNFILLED = (RefusedError, ArithmeticError, ValueError)


class UnfilledError(Exception):
    """Say which exhibit cannot be filled, and why."""

    def __init__(self, placement: Placement, reason: str) -> None:
        super().__init__(f"{placement.name} could not be made: {reason}")


def placements(exhibit: Exhibit, families: Families) -> Iterator[Placement]:
    """Name the times that an exhibit stands in a report; none if the warehouse lacks its family of scores."""
    if exhibit.family is not None and exhibit.family not in families:
        return
    if not exhibit.by_score_type:
        yield Placement(exhibit, None, exhibit.name, f"exhibit-{exhibit.name}", exhibit.title)
        return
    score_types = all_score_types(families) if exhibit.family is None else families[exhibit.family]
    for number, score_type in enumerate(score_types, start=1):
        yield Placement(
            exhibit,
            score_type,
            f"{exhibit.name}_{score_type}",
            f"exhibit-{exhibit.name}-{number}-{in_id(score_type)}",
            exhibit.title.format(score_type=score_type),
        )


def fill(
    exhibit: Exhibit, warehouse: Warehouse, looks: Looks | None = None, policy: str = "valid"
) -> Iterator[Shown]:
    """Fill an exhibit for each time that it stands in the report; without looks it has no figure."""
    for placement in placements(exhibit, warehouse.families):
        yield fill_once(placement, warehouse, looks, policy)


def fill_once(placement: Placement, warehouse: Warehouse, looks: Looks | None, policy: str) -> Shown:
    """Run the query of a placement and draw its figure; without looks it has none. Raises UnfilledError."""
    exhibit = placement.exhibit
    query = exhibit.text_of_query(policy, placement.score_type)
    figure = None
    try:
        frame = warehouse.read(query)
        if exhibit.figure is not None and looks is not None and not frame.empty:
            figure = exhibit.figure(frame, looks)
            _check_finite(figure)
        caption = exhibit.nothing if frame.empty else exhibit.caption(frame)
    except UNFILLED as error:
        raise UnfilledError(placement, str(error)) from error
    return Shown(*placement, sql=warehouse.settings + query, frame=frame, figure=figure, caption=caption)


def _check_finite(figure: "Figure | None") -> None:
    """Raise ValueError for a number that JSON, and so the page, has no word for."""
    json.dumps(figure, allow_nan=False)
