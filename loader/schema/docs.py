"""Write docs/relations.md from the header comments of sql/: `python -m loader.schema.docs`, in a checkout."""

from collections.abc import Sequence

from explainer_warehouse.sql_files import sql_directory

from .headers import Relation, relations

HEAD = """# Relations and columns

Made from the comments of `sql/` by `python -m loader.schema.docs`; do not edit. The same text stands in
the table `column_docs`. What the measures, averages and intervals mean: [uncertainty.md](uncertainty.md).
"""


def render(all_relations: Sequence[Relation]) -> str:
    """Render relations as Markdown: an index of each group, then a section for each relation."""
    asked = [relation for relation in all_relations if not relation.is_plumbing]
    groups = {
        "Views": [relation for relation in asked if relation.kind == "view"],
        "Tables that the loader writes": [relation for relation in asked if relation.kind == "table"],
        "What views are made of": [relation for relation in all_relations if relation.is_plumbing],
    }
    parts = [HEAD]
    for title, chosen in groups.items():
        parts.append(f"## {title}\n")
        parts.append("| name | one row per | what it is |\n|---|---|---|")
        parts.extend(
            f"| [{r.name}](#{anchor(r.name)}) | {cell(r.grain)} | {cell(r.description)} |" for r in chosen
        )
        parts.append("")
        parts.extend(section(relation) for relation in chosen)
    return "\n".join(parts)


def section(relation: Relation) -> str:
    """Render one relation: its description, its grain and a table of its columns."""
    lines = [f"### {relation.name}\n", f"{relation.description} One row per {relation.grain}\n"]
    lines.append("| column | meaning |\n|---|---|")
    lines.extend(f"| `{column.name}` | {cell(column.description)} |" for column in relation.columns)
    return "\n".join(lines) + "\n"


def anchor(name: str) -> str:
    """Return where GitHub lets a link to a heading lead."""
    return name.replace(".", "")


def cell(text: str) -> str:
    """Escape text for a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    target = sql_directory().parent / "docs" / "relations.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(render(relations()), encoding="utf-8")
    print(target)
