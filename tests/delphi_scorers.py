"""Make score files with delphi's own scorer classes, in place of whose models something seeded answers."""

import asyncio
import importlib
import sys
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import orjson
import torch

# What delphi imports beside a scorer, to run a model or for the name of a type.
STAND_INS = ("blobfile", "tiktoken", "transformers")
# Packages whose `__init__` would import what loads models.
PACKAGES = ("latents", "scorers", "scorers.simulator", "clients")
N_TOKENS = 6


class StandIn(ModuleType):
    """Have a class of every name."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def delphi_module(name: str) -> Any:
    """Import a module of delphi without the packages around it."""
    import delphi

    for stand_in in STAND_INS:
        sys.modules.setdefault(stand_in, StandIn(stand_in))
    for package in PACKAGES:
        if f"delphi.{package}" not in sys.modules:
            module = ModuleType(f"delphi.{package}")
            module.__path__ = [str(Path(delphi.__path__[0], *package.split(".")))]
            sys.modules[module.__name__] = module
    latents = importlib.import_module("delphi.latents.latents")
    sys.modules["delphi.latents"].__dict__.update(vars(latents))
    return importlib.import_module(f"delphi.{name}")


def make_record(rng: Random) -> Any:
    """Return a latent with examples of three quantiles, and as many that do not activate."""
    latents = delphi_module("latents.latents")

    def tokens() -> list[str]:
        return [rng.choice([" a", "b", " c", "é", "\n"]) for _ in range(N_TOKENS)]

    def activating(quantile: int) -> Any:
        values = torch.tensor([max(0.0, rng.gauss(0, 2)) for _ in range(N_TOKENS - 1)] + [9.0 - quantile])
        ids = torch.arange(N_TOKENS)
        return latents.ActivatingExample(
            tokens=ids, activations=values, normalized_activations=values.round(), str_tokens=tokens(),
            quantile=quantile,
        )  # fmt: skip

    def other() -> Any:
        nothing = torch.zeros(N_TOKENS)
        return latents.NonActivatingExample(
            tokens=torch.arange(N_TOKENS), activations=nothing, str_tokens=tokens(), distance=-1.0
        )

    record = latents.LatentRecord(latent=latents.Latent("layers.1", 1), explanation="words")
    record.test = [activating(quantile) for quantile in (0, 1, 2) for _ in range(6)]
    record.train = [activating(quantile) for quantile in (0, 1, 2) for _ in range(4)]
    record.not_active = [other() for _ in range(24)]
    record.extra_examples = record.not_active
    return record


class Client:
    """Answer prompts of the classifier and intruder scorers; one answer in eight cannot be parsed."""

    def __init__(self, rng: Random, intruder: bool = False) -> None:
        self.rng = rng
        self.intruder = intruder

    async def generate(self, prompt: Any, **more: Any) -> Any:
        if self.rng.random() < 1 / 8:
            text = "I cannot tell."
        elif self.intruder:
            text = f"It differs. [RESPONSE]: {self.rng.randrange(4)}"
        else:
            text = str([self.rng.randrange(2) for _ in range(3)])
        return delphi_module("clients.client").Response(text=text)


class Encoder:
    """Embed texts somewhere, the same ones in the same place."""

    def encode(self, texts: Any) -> Any:
        if isinstance(texts, str):
            return self.encode([texts])
        rows = [[Random(f"{text} {i}").gauss(0, 1) for i in range(4)] for text in texts]
        return torch.tensor(rows, dtype=torch.float64)

    def similarity(self, one: Any, other: Any) -> Any:
        return (
            torch.nn.functional.normalize(torch.as_tensor(one))
            @ torch.nn.functional.normalize(torch.as_tensor(other)).T
        )


def scores_of(name: str, rng: Random) -> Any:
    """Return what delphi's scorer of this name gives for one latent, as it would be written."""
    match name:
        case "fuzz":
            scorer = delphi_module("scorers.classifier.fuzz").FuzzingScorer(
                Client(rng), n_examples_shown=3, verbose=False
            )
        case "detection":
            scorer = delphi_module("scorers.classifier.detection").DetectionScorer(
                Client(rng), n_examples_shown=3, verbose=False
            )
        case "intruder":
            scorer = delphi_module("scorers.classifier.intruder").IntruderScorer(
                Client(rng, intruder=True), n_examples_shown=4
            )
        case "embedding":
            scorer = delphi_module("scorers.embedding.embedding").EmbeddingScorer(Encoder())
        case "example_embedding":
            scorer = delphi_module("scorers.embedding.example_embedding").ExampleEmbeddingScorer(
                Encoder(), number_batches=8
            )
        case "surprisal":
            scorer = surprisal_scorer(rng)
        case "simulation":
            scorer = simulation_scorer(rng)
    return asyncio.run(scorer(make_record(rng))).score


def surprisal_scorer(rng: Random) -> Any:
    scorer = delphi_module("scorers.surprisal.surprisal").SurprisalScorer(None, verbose=False, batch_size=2)
    # This is where a model would run.
    scorer.compute_loss_with_kv_cache = lambda explanation, samples, batch_size: [
        [rng.expovariate(0.5) for _ in range(N_TOKENS - 1)] for _ in samples
    ]
    return scorer


def simulation_scorer(rng: Random) -> Any:
    module = delphi_module("scorers.simulator.simulation.oai_simulator")

    class Simulator:
        def __init__(self, *given: Any, **more: Any) -> None:
            pass

        async def simulate(self, tokens: list[str]) -> list[float]:
            return [rng.random() * 10 for _ in tokens]

    class Tokenizer:
        def batch_decode(self, ids: Any) -> list[str]:
            return [f" t{int(i)}" for i in ids]

    module.NeuronSimulator = Simulator
    return module.RefactoredOpenAISimulator(None, Tokenizer())


def written(score: Any) -> bytes:
    """Return the bytes that delphi writes for a latent."""
    return orjson.dumps(score)
