"""Say which sections there are, in their order."""

from ..exhibit import Exhibit, Section
from .accuracy import ACCURACY_SECTION
from .comparison import COMPARISON_SECTION
from .controls import CONTROLS_SECTION
from .cost import COST_SECTION
from .coverage import COVERAGE_SECTION
from .diagnostics import DIAGNOSTICS_SECTION
from .f1 import F1_SECTION
from .groups import GROUPS_SECTION
from .judges import JUDGES_SECTION
from .others import OTHERS_SECTION
from .prevalence import PREVALENCE_SECTION
from .probabilities import PROBABILITIES_SECTION
from .problems import PROBLEMS_SECTION
from .quality import QUALITY_SECTION
from .scorecard import SCORECARD_SECTION
from .settings import SETTINGS_SECTION

# What answers comes first; below the latents, how far it can be relied on.
SECTIONS = (
    SCORECARD_SECTION,
    SETTINGS_SECTION,
    ACCURACY_SECTION,
    F1_SECTION,
    COMPARISON_SECTION,
    CONTROLS_SECTION,
    JUDGES_SECTION,
    PREVALENCE_SECTION,
    OTHERS_SECTION,
    COST_SECTION,
    DIAGNOSTICS_SECTION,
    PROBABILITIES_SECTION,
    QUALITY_SECTION,
    COVERAGE_SECTION,
    PROBLEMS_SECTION,
)


def sections_of(by: str) -> tuple[Section, ...]:
    """List the sections of a report; by: what its reader groups runs by, "" for nothing."""
    return (GROUPS_SECTION, *SECTIONS) if by else SECTIONS


def every_exhibit() -> dict[str, Exhibit]:
    """Give the exhibits of all sections by their names."""
    return {exhibit.name: exhibit for section in SECTIONS for exhibit in section.exhibits}


def exhibit_named(name: str) -> Exhibit:
    """Give the exhibit of this name."""
    return every_exhibit()[name]
