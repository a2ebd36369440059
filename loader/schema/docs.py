"""Write docs/relations.md from the header comments of sql/: `python -m loader.schema.docs`, in a checkout."""

from collections.abc import Sequence

from explainer_warehouse.sql_files import sql_directory

from .headers import Relation, relations

HEAD = """# Relations and columns

Made from the comments of `sql/` by `python -m loader.schema.docs`; do not edit. The same text stands in
the table `column_docs`. What the measures, averages and intervals mean: [uncertainty.md](uncertainty.md).
"""


def render(all_relations: Sequence[Relation]) -> str:
    """Render relations as Markdown: an index of views and tables, then a section each."""
    parts = [HEAD]
    for kind, title in (("view", "Views"), ("table", "Tables that the loader writes")):
        chosen = [relation for relation in all_relations if relation.kind == kind]
        parts.append(f"## {title}\n")
        parts.append("| name | one row per | what it is |\n|---|---|---|")
        parts.extend(f"| [{r.name}](#{r.name}) | {cell(r.grain)} | {cell(r.description)} |" for r in chosen)
        parts.append("")
        parts.extend(section(relation) for relation in chosen)
    return "\n".join(parts)


def section(relation: Relation) -> str:
    """Render one relation: its description, its grain and a table of its columns."""
    lines = [f"### {relation.name}\n", f"{relation.description} One row per {relation.grain}\n"]
    lines.append("| column | meaning |\n|---|---|")
    lines.extend(f"| `{column.name}` | {cell(column.description)} |" for column in relation.columns)
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    """Escape text for a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    target = sql_directory().parent / "docs" / "relations.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(render(relations()), encoding="utf-8")
    print(target)
