"""Prices come from CSV or JSON, and a wrong row is named."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from reports.cli import cli
from reports.prices import Price, PricesError, read_prices

HEADER = "model,prompt_per_million,completion_per_million\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("prices.csv", HEADER + "Qwen3-14B,0.1,4e-1\n"),
        ("prices.csv", "\ufeffcompletion_per_million,model,prompt_per_million,note\n0.4,Qwen3-14B,.1,x\n"),
        (
            "prices.json",
            '[{"model": "Qwen3-14B", "prompt_per_million": 0.1, "completion_per_million": 0.4}]',
        ),
    ],
)
def test_prices_are_read(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert read_prices(path) == [Price("Qwen3-14B", 0.1, 0.4)]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("p.csv", "model,price\nA,1\n", "row 1"),
        ("p.csv", HEADER + "A,1,2\nB,much,2\n", "row 2"),
        ("p.csv", HEADER + "A,-1,2\n", "wanted prices of 0 or more"),
        ("p.csv", HEADER + "A,nan,2\n", "wanted prices of 0 or more"),
        ("p.csv", HEADER, "holds no rows"),
        ("p.json", "[1]", "row 1"),
        ("p.json", "{}", "holds no rows"),
        ("p.json", "{", "cannot be read"),
    ],
)
def test_what_is_wrong_with_prices_is_said(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(PricesError, match=said) as caught:
        read_prices(path)
    assert str(path) in str(caught.value)


def test_the_command_says_so_in_one_line(demo_warehouse: Path, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("model\nA\n")
    result = CliRunner().invoke(cli, ["show", "-w", str(demo_warehouse), "--prices", str(path)])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {path}, row 1: found")
