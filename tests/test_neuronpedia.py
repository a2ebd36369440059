"""A latent leads to Neuronpedia if its run's config names a sparse model as that site does, else nowhere."""

from pathlib import Path

import pytest
from conftest import Load
from opened_page import build_page, open_page
from playwright.sync_api import Browser
from run_files import examples, write_run

from reports.latents.neuronpedia import address

GEMMA = "https://www.neuronpedia.org/gemma-2-2b"


@pytest.mark.parametrize(
    ("subject_model", "sparse_model", "found"),
    [
        # As its exports name them: https://www.neuronpedia.org/gemma-2-2b/12-gemmascope-res-16k
        ("gemma-2-2b", "12-gemmascope-res-16k", f"{GEMMA}/{{hookpoint}}/{{latent}}"),
        # As SAE Lens' `neuronpedia_id` does.
        (
            "google/gemma-2-2b",
            "gemma-2-2b/12-gemmascope-res-16k",
            f"{GEMMA}/12-gemmascope-res-16k/{{latent}}",
        ),
        (None, "gemma-2-2b/12-gemmascope-res-16k", f"{GEMMA}/12-gemmascope-res-16k/{{latent}}"),
        # Names of Hugging Face, of which nobody knows what they are there, paths, and what is no name.
        ("google/gemma-2-2b", "google/gemma-scope-2b-pt-res", None),
        ("google/gemma-2-2b", "12-gemmascope-res-16k", None),
        ("EleutherAI/pythia-160m", "EleutherAI/Pythia-160m-SST-k32-32k", None),
        ("m", "/scratch/12-mine", None),
        ("m", 'javascript:"/12-x', None),
        ("m", "12-x?y", None),
        (None, "12-gemmascope-res-16k", None),
        ("gemma-2-2b", None, None),
    ],
)
def test_an_address_is_known_or_none(
    subject_model: str | None, sparse_model: str | None, found: str | None
) -> None:
    assert address(subject_model, sparse_model) == found


def test_a_latent_leads_there(browser: Browser, tmp_path: Path, load_into: Load, warehouse: Path) -> None:
    scores = {"fuzz": {"12-gemmascope-res-16k_latent7": examples(tp=2, tn=2)}}
    config = {"model": "gemma-2-2b", "sparse_model": "12-gemmascope-res-16k"}
    load_into(write_run(tmp_path / "results" / "run", scores, config=config))
    page = open_page(
        browser, build_page(warehouse, tmp_path / "out"), fragment="#latent/12-gemmascope-res-16k/7"
    ).page
    page.wait_for_selector("dialog[open]")
    link = page.locator("dialog").get_by_role("link", name="Neuronpedia")
    assert link.get_attribute("href") == f"{GEMMA}/12-gemmascope-res-16k/7"
    assert link.get_attribute("rel") == "noopener noreferrer"
