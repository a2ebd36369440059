"""Say what the page's words mean, and find them in its texts: the one place where a term is explained."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple


class Word(NamedTuple):
    """Hold a term and what it means.

    name: as the list of words has it; meaning: a sentence
    forms: other ways in which texts say it, in whatever case
    is_common: it stands in so many sentences that it is explained in the list and in headings alone
    """

    name: str
    meaning: str
    forms: tuple[str, ...] = ()
    is_common: bool = False

    @property
    def key(self) -> str:
        """The end of its id in the page."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


class Part(NamedTuple):
    """Hold a part of a text; word is what it says, None if it is no term."""

    text: str
    word: Word | None


# The measures' meanings are those of the view measure_docs.
WORDS = (
    Word(
        "accuracy",
        "Share of the answered examples that are answered rightly.",
        is_common=True,
    ),
    Word(
        "activating",
        "Of an example: the latent fires in it, so a right scorer says yes.",
        ("activates", "activate"),
        is_common=True,
    ),
    Word(
        "always saying yes",
        "A scorer that calls every example activating, whatever the explanation says. It knows nothing,"
        " and yet has a high F1 where many examples activate.",
        ("always says yes", "always yes"),
    ),
    Word(
        "AUC",
        "Area under the ROC curve of what the scorer gives, ties counted half.",
    ),
    Word(
        "balanced accuracy",
        "Mean of recall and specificity; delphi calls it accuracy.",
    ),
    Word(
        "Brier score",
        "Mean squared difference of probability and label.",
        ("brier",),
    ),
    Word(
        "clustered by latent",
        "The interval takes the examples of one latent as saying much the same thing: what is sampled "
        "is the latent, not the example.",
    ),
    Word(
        "coin",
        "A scorer that says yes or no by tossing a fair coin. It knows nothing, and is right half of "
        "the time.",
        ("tosses a coin", "against it"),
    ),
    Word(
        "control",
        "A run of random or shuffled explanations; what it reaches is no merit of an explanation.",
        ("controls",),
    ),
    Word(
        "coverage",
        "Share of the examples that the scorer answered.",
    ),
    Word(
        "latency",
        "The seconds from a call's question to its answer. Calls run side by side, so theirs add up to "
        "more than the clock shows.",
        ("latencies", "concurrent calls"),
    ),
    Word(
        "detection",
        "A score type of delphi: the scorer reads whole texts and says in which the latent fires.",
        is_common=True,
    ),
    Word(
        "examples",
        "Texts that a scorer judges: some activate the latent, the others do not.",
        ("example",),
        is_common=True,
    ),
    Word(
        "explainer",
        "The model that writes the explanation of a latent.",
        is_common=True,
    ),
    Word(
        "F1",
        "Harmonic mean of precision and recall.",
    ),
    Word(
        "failed",
        "Of an example: the scorer gave no answer that could be read.",
        ("failures", "not answered", "without an answer"),
    ),
    Word(
        "false alarm",
        "An example that does not activate, and that the scorer said to.",
        ("false alarms",),
    ),
    Word(
        "firing count",
        "On how many tokens of the cache the latent fires.",
        ("firing counts", "how often a latent fires"),
    ),
    Word(
        "frontier",
        "The runs that no other run beats in both accuracy and cost.",
        ("on the frontier",),
    ),
    Word(
        "fuzz",
        "A score type of delphi: the scorer reads texts with some tokens marked, and says whether the "
        "marks stand where the latent fires.",
        is_common=True,
    ),
    Word(
        "hookpoint",
        "The place in the subject model whose activations the sparse model reads, as layers.4.mlp.",
        ("hookpoints",),
        is_common=True,
    ),
    Word(
        "Holm",
        "A correction for many tests at once, by which chance finds a difference among all of them in 5"
        " % of cases at most.",
        ("p (Holm)", "Holm's"),
    ),
    Word(
        "interval",
        "A range that holds the true value in 95 % of such samples.",
        ("95 % interval", "95 % intervals", "intervals"),
        is_common=True,
    ),
    Word(
        "latent",
        "One direction of the sparse model, which an explanation is to describe.",
        ("latents",),
        is_common=True,
    ),
    Word(
        "Matthews correlation",
        "Correlation of Matthews between answers and labels.",
        ("mcc",),
    ),
    Word(
        "neighbour",
        "A latent near this one. An example that does not activate this one may be taken from where a"
        " neighbour fires; distance says how near it is.",
        ("neighbours",),
    ),
    Word(
        "placeholder",
        "A text in place of an explanation where the explainer gave none.",
        ("placeholders",),
    ),
    Word(
        "policy",
        "What becomes of failed examples: valid leaves them out, strict counts them as wrong.",
    ),
    Word(
        "pooled",
        "Over all examples at once, so that a latent with more examples counts for more. The macro "
        "average is the mean over latents, the weighted one weighs them by firing counts.",
    ),
    Word(
        "power",
        "How often a test finds a difference that is there.",
        ("at a power of",),
    ),
    Word(
        "precision",
        "Of those called activating, the share that is.",
    ),
    Word(
        "probability",
        "How likely, to the scorer, an example is to activate.",
        ("probabilities",),
    ),
    Word(
        "quantile",
        "Examples sorted by their strongest activation and cut into parts of equal size: quantile 0 "
        "holds the strongest.",
        ("quantile 0", "quantiles"),
    ),
    Word(
        "ragged tail",
        "The last prompt of a score file where it holds fewer examples than the others. Its failures "
        "come from that, and say nothing of the model.",
        ("ragged tails", "in ragged tails"),
    ),
    Word(
        "rate",
        "Which share of all texts activates the latent; in the sets that are scored it is often one half.",
        ("how often texts activate a latent", "at four rates"),
    ),
    Word(
        "recall",
        "Of the activating, the share that is called so.",
    ),
    Word(
        "reliability",
        "Whether probabilities mean what they say: of the examples said to activate with a probability "
        "of 0.8, eight in ten should.",
    ),
    Word(
        "ROC curve",
        "Recall against the share of false alarms, as the scorer is asked to be less and less sure.",
        ("ROC curves",),
    ),
    Word(
        "run",
        "One set of explanations with its scores: a directory of delphi's results.",
        ("runs",),
        is_common=True,
    ),
    Word(
        "scorer",
        "A test of an explanation: a model is shown it with examples, and says in which the latent fires.",
        ("scorers", "score type", "score types"),
        is_common=True,
    ),
    Word(
        "Spearman",
        "A correlation of ranks: 1 if one always rises with the other, 0 if they have nothing to do "
        "with each other.",
        ("Spearman's", "rank correlations", "rank correlation"),
    ),
    Word(
        "specificity",
        "Of those that do not activate, the share that is called so.",
    ),
    Word(
        "3 / G",
        "The rule of three: where none of G latents is of some kind, up to 3 / G of all may be (95 %).",
    ),
    Word(
        "tied",
        "The data do not tell the run apart from the best one: no test finds a difference at 5 %.",
        ("cannot be told from", "tell it apart from", "against the best"),
    ),
    Word(
        "turns round",
        "Of two runs: the other one is ahead.",
        ("change places", "turn round"),
    ),
)


@cache
def _pattern() -> tuple[re.Pattern[str], dict[str, Word]]:
    by_form = {form.lower(): word for word in WORDS for form in (word.name, *word.forms)}
    longest_first = sorted(by_form, key=lambda form: (-len(form), form))
    either = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<![\w./-])(?:{either})(?![\w/-]|\.\w)", re.IGNORECASE), by_form


def parts(text: str) -> Iterator[Part]:
    """Cut a text where it says a term for the first time."""
    pattern, by_form = _pattern()
    said = set()
    end = 0
    for found in pattern.finditer(text):
        word = by_form[found[0].lower()]
        if word.is_common or word in said:
            continue
        said.add(word)
        yield Part(text[end : found.start()], None)
        yield Part(found[0], word)
        end = found.end()
    yield Part(text[end:], None)


def word_of(heading: str) -> Word | None:
    """Return the term that a table's heading is, None if it is none."""
    _, by_form = _pattern()
    return by_form.get(heading.lower())
