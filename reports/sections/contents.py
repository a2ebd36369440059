"""Say which sections there are, in their order."""

from .accuracy import ACCURACY_SECTION, F1_SECTION, SUMMARY_SECTION
from .cost import COST_SECTION
from .coverage import COVERAGE_SECTION
from .model import Exhibit
from .problems import PROBLEMS_SECTION

SECTIONS = (
    COVERAGE_SECTION,
    ACCURACY_SECTION,
    F1_SECTION,
    SUMMARY_SECTION,
    COST_SECTION,
    PROBLEMS_SECTION,
)


def exhibit_named(name: str) -> Exhibit:
    """Give the exhibit of this name."""
    return next(exhibit for section in SECTIONS for exhibit in section.exhibits if exhibit.name == name)
