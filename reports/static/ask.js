"use strict";
// The reader's own SQL, asked of the DuckDB in the page.
(() => {
  const form = document.getElementById("ask-form");
  const said = document.getElementById("ask-said");
  const answer = document.getElementById("ask-answer");
  const queries = JSON.parse(document.getElementById("ask-queries").textContent);
  const SHOWN = 500;
  const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/;
  let found = null;

  dom.fillMenu(form.ready, [["", "Choose a query"], ...queries.map(({ title }, at) => [at, title])]);

  const isNumber = (type) => NUMERIC.test(type);
  function table({ names, types, rows }) {
    const className = (at) => (isNumber(types[at]) ? "number" : "");
    const cell = (value, at) => dom.element("td", { className: value === null ? `${className(at)} quiet-text` : className(at) }, value ?? "null");
    return dom.element("table", {},
      dom.element("thead", {}, dom.element("tr", {}, names.map((name, at) => dom.element("th", { scope: "col", className: className(at), title: types[at] }, name)))),
      dom.element("tbody", {}, rows.slice(0, SHOWN).map((row) => dom.element("tr", {}, row.map(cell)))));
  }
  function show(result) {
    found = result;
    form.csv.disabled = result === null;
    answer.hidden = result === null;
    answer.replaceChildren(...(result === null ? [] : [table(result)]));
  }
  function sizeOf({ rows: { length } }) {
    const size = `${dom.whole(length)} ${length === 1 ? "row" : "rows"}`;
    return length > SHOWN ? `${size}, of which the first ${SHOWN} are shown; the CSV has all.` : `${size}.`;
  }

  // The last question asked is the one whose answer is shown.
  let asked = 0;
  async function run() {
    asked += 1;
    const number = asked;
    said.textContent = database.isStarted() ? "Asking \u2026" : "Starting DuckDB \u2026";
    said.className = "caption";
    form.stop.disabled = false;
    try {
      const result = await database.ask(form.sql.value);
      if (number !== asked) return;
      show(result);
      said.textContent = result === null ? "Done: the last statement gives no rows." : sizeOf(result);
    } catch (error) {
      if (number !== asked) return;
      show(null);
      said.textContent = error.message;
      said.className = "notice";
    }
    form.stop.disabled = true;
  }
  function edit(text) {
    form.sql.value = text.trim();
    form.scrollIntoView();
    form.sql.focus({ preventScroll: true });
    run();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  form.sql.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    run();
  });
  form.ready.addEventListener("change", () => {
    if (form.ready.value !== "") edit(queries[Number(form.ready.value)].sql);
  });
  form.stop.addEventListener("click", database.stop);
  form.csv.addEventListener("click", () => downloads.save(downloads.lines([found.names, ...found.rows]), "answer.csv"));
  for (const button of document.querySelectorAll(".edit")) {
    button.addEventListener("click", () => edit(button.parentElement.querySelector("code").textContent));
  }
})();
