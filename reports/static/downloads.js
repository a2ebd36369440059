"use strict";
// Tables and figures as files, made in the page: numbers in full, and no text that a spreadsheet would run.
const downloads = (() => {
  // As explainer_warehouse/csv_table.py has it.
  const STARTS_FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
  const NUMBER = /^[-+]?[0-9]*[.]?[0-9]+([eE][-+]?[0-9]+)?$/;
  const PNG_SCALE = 2;

  function quoted(text) {
    const safe = STARTS_FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
    return /[",\s]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  // A cell's value and, where the page shows one, its interval.
  function values(cell, hasInterval) {
    const interval = cell.querySelector("small")?.textContent ?? "";
    const shown = [...cell.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join("");
    const value = cell.dataset.sort ?? shown.trim();
    return hasInterval ? [value, interval] : [value];
  }

  const lines = (rows) => rows.map((row) => `${row.map((value) => quoted(value ?? "")).join(",")}\n`).join("");
  function csv(table) {
    const rows = [...table.tBodies[0].rows];
    const headings = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    const hasInterval = headings.map((_, place) => rows.some((row) => row.cells[place].querySelector("small")));
    const head = headings.flatMap((heading, place) => (hasInterval[place] ? [heading, `${heading}, interval`] : [heading]));
    const body = rows.map((row) => [...row.cells].flatMap((cell, place) => values(cell, hasInterval[place])));
    return lines([head, ...body]);
  }

  function save(text, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  for (const button of document.querySelectorAll("[data-csv]")) {
    button.addEventListener("click", () => {
      save(csv(button.closest("article").querySelector("table")), `${button.dataset.csv}.csv`);
    });
  }
  for (const button of document.querySelectorAll("[data-png]")) {
    button.addEventListener("click", () => {
      const plot = button.closest("article").querySelector(".plot");
      figures.now(plot);
      const { width, height } = plot.getBoundingClientRect();
      Plotly.downloadImage(plot, { format: "png", scale: PNG_SCALE, width, height, filename: button.dataset.png });
    });
  }

  return { lines, save };
})();
