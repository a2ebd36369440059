"use strict";
// The table of latents: searched, sorted and filtered; rows are drawn as they come into view.
latentData.ready.then((data) => {
  const form = document.getElementById("latent-filters");
  const summary = document.getElementById("latent-count");
  const isNarrow = matchMedia("(max-width: 600px)").matches;
  const ALL = "all";

  dom.fillMenu(form.run, [[ALL, "All runs"], ...data.runs.map((run, at) => [at, run.label, run.name])]);
  dom.fillMenu(form.scoreType, data.scoreTypes.map((name) => [name, name]));
  dom.fillMenu(form.measure, data.measures.map(({ name, heading }) => [name, heading]));
  dom.fillMenu(form.hookpoint, [[ALL, "All hookpoints"], ...data.hookpoints.map((name, at) => [at, name, name])]);
  form.measure.value = data.measure;
  // Ready orders, each by a column that is there with it: how far apart the runs are; and on how many tokens the latent
  // fires, times what the best of its scores lacks of the best there is.
  const loss = (value) => (data.isLoss(form.measure.value) ? value : 1 - value);
  const READY = {
    spread: { field: "spread", title: "Spread", show: dom.ratio, of: ({ values }) => (values.length > 1 ? Math.max(...values) - Math.min(...values) : null) },
    missed: { field: "missed", title: "Firings missed", show: dom.whole, of: ({ values, firing }) => (values.length > 0 && firing !== null ? Math.round(firing * Math.min(...values.map(loss))) : null) },
  };
  const ready = () => READY[form.order.value] ?? null;

  const chosenRuns = () => (form.run.value === ALL ? data.runs.map((_, at) => at) : [Number(form.run.value)]);
  const heading = () => data.measures.find(({ name }) => name === form.measure.value).heading;

  // One score column per run; for one run, one per score type. A field never names another column's values, since
  // the table draws new columns before it has the new rows.
  function scoreColumns() {
    const columns = form.run.value === ALL
      ? data.runs.map((run, at) => ({ run: at, scoreType: form.scoreType.value, title: run.label, heading: () => dom.shortRun(run) }))
      : data.scoreTypes.map((scoreType) => ({ run: Number(form.run.value), scoreType, title: scoreType, heading: () => scoreType }));
    return columns
      .filter(({ run, scoreType }) => data.slot(run, scoreType))
      .map((column) => ({ ...column, name: form.run.value === ALL ? data.runs[column.run].name : column.scoreType }))
      .map((column) => ({ ...column, field: `score${column.run * data.scoreTypes.length + data.scoreTypes.indexOf(column.scoreType)}` }));
  }

  // The run whose explanation stands for a latent: the one that scores best there.
  function bestRun(place, runs) {
    const sign = data.isLoss(form.measure.value) ? -1 : 1;
    let best = null;
    let highest = -Infinity;
    for (const run of runs) {
      if (!data.explanation(run, place)) continue;
      const value = data.value(run, form.scoreType.value, form.measure.value, place);
      const worth = value === null ? -Number.MAX_VALUE : sign * value;
      if (worth > highest) [best, highest] = [run, worth];
    }
    return best;
  }

  function rows() {
    const columns = scoreColumns();
    const order = ready();
    const runs = chosenRuns();
    const made = [];
    for (let place = 0; place < data.n; place += 1) {
      const here = runs.filter((run) => data.runs[run].group === data.group(place));
      const row = { place, failed: null, firing: null, explanation: "" };
      columns.forEach(({ run, scoreType, field }) => {
        row[field] = here.includes(run) ? data.value(run, scoreType, form.measure.value, place) : null;
        const failed = here.includes(run) ? data.count(run, scoreType, "n_failed", place) : null;
        if (failed !== null) row.failed = (row.failed ?? 0) + failed;
      });
      row.run = bestRun(place, here);
      if (row.run === null && row.failed === null) continue;
      if (row.run !== null) row.explanation = data.explanation(row.run, place).text;
      row.firing = here.map((run) => data.firing(run, place)).find((value) => value !== null) ?? null;
      row.group = data.groupLabel(data.group(place));
      if (order) {
        const values = columns.map(({ field }) => row[field]).filter((value) => value !== null);
        row[order.field] = order.of({ values, firing: row.firing });
      }
      made.push(row);
    }
    return made;
  }

  const searched = new Map();
  function searchText(place) {
    if (!searched.has(place)) {
      const said = data.runsOf(place).map((run) => [run, data.explanation(run, place)?.text ?? ""]);
      searched.set(place, { name: data.name(place).toLowerCase(), said: said.map(([run, text]) => [run, text.toLowerCase()]) });
    }
    return searched.get(place);
  }

  function matcher() {
    const words = form.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const runs = new Set(chosenRuns());
    const hookpoint = form.hookpoint.value === ALL ? null : data.hookpoints[Number(form.hookpoint.value)];
    const [from, to] = [form.from, form.to].map(({ valueAsNumber }) => valueAsNumber);
    const fields = scoreColumns().map(({ field }) => field);
    const inRange = (value) => value !== null && !(value < from) && !(value > to);
    return (row) => {
      if (hookpoint !== null && data.hookpoint(row.place) !== hookpoint) return false;
      if (form.failed.checked && !row.failed) return false;
      if (!Number.isNaN(from) || !Number.isNaN(to)) {
        if (!fields.some((field) => inRange(row[field]))) return false;
      }
      if (words.length === 0) return true;
      const { name, said } = searchText(row.place);
      const hasAll = (text) => words.every((word) => `${name} ${text}`.includes(word));
      return hasAll("") || said.some(([run, text]) => runs.has(run) && hasAll(text));
    };
  }

  // A button, so that the keyboard sorts too; its click reaches the table's own header.
  const title = (...parts) => () => dom.element("button", { type: "button" }, parts);
  const byPlace = (a, b, rowA, rowB) => rowA.getData().place - rowB.getData().place;
  const numbers = { sorter: "number", sorterParams: { alignEmptyValues: "bottom" }, headerSortStartingDir: "desc", hozAlign: "right", headerHozAlign: "right" };

  function linkTo(cell) {
    const { place } = cell.getData();
    return dom.element("a", { href: data.hash(place), className: "latent-link" },
      dom.element("span", {}, data.hookpoint(place)), " ", dom.element("b", {}, String(data.latent(place))));
  }
  function explanation(cell) {
    const { run, place } = cell.getData();
    if (run === null) return dom.DASH;
    const { text, isPlaceholder } = data.explanation(run, place);
    const shown = dom.element("span", { className: isPlaceholder ? "said quiet-text" : "said", title: text }, text);
    if (form.run.value === ALL) shown.prepend(dom.swatch(data.runs[run], true));
    return shown;
  }
  function score(cell) {
    const value = cell.getValue() ?? null;
    const shown = dom.element("span", { className: "score" }, dom.ratio(value));
    shown.style.setProperty("--share", Math.max(0, value ?? 0));
    return shown;
  }
  const count = (cell) => dom.element("span", {}, dom.whole(cell.getValue()));

  function columns() {
    const all = form.run.value === ALL;
    const order = ready();
    return [
      { title: "Latent", titleFormatter: title("Latent"), field: "place", formatter: linkTo, sorter: byPlace, minWidth: isNarrow ? 78 : 130, widthGrow: 1 },
      ...(data.nGroups > 1 ? [{ title: "Latents of", titleFormatter: title("Latents of"), field: "group", formatter: (cell) => dom.element("span", { className: "said", title: cell.getValue() }, cell.getValue()), minWidth: 130, widthGrow: 1 }] : []),
      { title: "Explanation", titleFormatter: title(all ? "Best explanation" : "Explanation"), field: "explanation", formatter: explanation, sorter: "string", minWidth: isNarrow ? 172 : 230, widthGrow: 4 },
      ...(order ? [{ title: order.title, titleFormatter: title(order.title), field: order.field, formatter: (cell) => dom.element("span", {}, order.show(cell.getValue() ?? null)), minWidth: 84, ...numbers }] : []),
      ...scoreColumns().map((column) => ({
        title: column.title,
        titleFormatter: title(column.heading()),
        field: column.field,
        formatter: score,
        minWidth: 100,
        ...numbers,
      })),
      { title: "Firing count", titleFormatter: title("Firing count"), field: "firing", formatter: count, minWidth: 84, ...numbers },
      { title: "Failed", titleFormatter: title("Failed"), field: "failed", formatter: count, minWidth: 76, ...numbers },
    ];
  }

  const table = new Tabulator("#latent-table", {
    height: "36rem",
    rowHeight: 60,
    layout: "fitColumns",
    // It would draw the rows again whenever the table comes into view, and a click that has begun would be lost.
    autoResize: false,
    index: "place",
    placeholder: "No latent matches.",
    columnDefaults: { resizable: false, headerWordWrap: true },
    columnHeaderVertAlign: "bottom",
    initialSort: [{ column: "place", dir: "asc" }],
    columns: columns(),
    data: rows(),
  });

  function say() {
    const shown = table.getDataCount("active");
    const all = form.run.value === ALL;
    const where = all ? `under ${form.scoreType.value}, one column a run` : "one column a score type";
    summary.textContent = `${dom.whole(shown)} of ${dom.whole(table.getDataCount())} latents \u00b7 ${heading()} ${where}`;
  }
  // What takes the keyboard's focus, to scroll, has to be a part of the grid that holds rows.
  function holdRows(areThere) {
    const holder = table.element.querySelector(".tabulator-tableholder");
    holder.setAttribute("role", areThere ? "rowgroup" : "presentation");
    if (areThere) holder.tabIndex = 0;
    else holder.removeAttribute("tabindex");
  }
  function filter() {
    table.setFilter(matcher());
    say();
    holdRows(table.getDataCount("active") > 0);
  }
  // The order as the address has it: columns by name, a minus before those that go down.
  const FIXED = ["place", "group", "explanation", ...Object.keys(READY), "firing", "failed"];
  function columnNames() {
    return new Map([...FIXED.map((field) => [field, field]), ...scoreColumns().map(({ field, name }) => [field, `score ${name}`])]);
  }
  function sortText() {
    const names = columnNames();
    return table.getSorters().map(({ field, dir }) => `${dir === "desc" ? "-" : ""}${encodeURIComponent(names.get(field))}`).join(",");
  }
  function sortersOf(text) {
    const fields = new Map([...columnNames()].map(([field, name]) => [encodeURIComponent(name), field]));
    return text.split(",").filter(Boolean).map((one) => ({ column: fields.get(one.replace(/^-/, "")), dir: one.startsWith("-") ? "desc" : "asc" }));
  }

  async function rebuildNow(sort) {
    form.scoreType.disabled = form.run.value !== ALL;
    const sorters = sort === null ? table.getSorters().map(({ field, dir }) => ({ column: field, dir })) : sortersOf(sort);
    table.clearFilter();
    table.setColumns(columns());
    await table.replaceData(rows());
    // The height of the headings was measured before they had their widths.
    table.redraw();
    const fields = new Set(table.getColumns().map((column) => column.getField()));
    table.setSort(sorters.filter(({ column }) => fields.has(column)));
    filter();
  }
  // One after the other: a choice made while the rows of the last are on their way must not mix with them.
  let rebuilt = Promise.resolve();
  let nRebuilds = 0;
  async function rebuildThen(sort, done) {
    nRebuilds += 1;
    rebuilt = rebuilt.then(() => rebuildNow(sort));
    await rebuilt;
    nRebuilds -= 1;
    if (nRebuilds === 0) done();
  }

  table.on("tableBuilt", () => {
    table.element.setAttribute("aria-label", "Latents");
    table.element.querySelector(".tabulator-table").setAttribute("role", "presentation");
    filter();
    const isThere = () => document.documentElement.setAttribute("data-latents", "");
    let asked = null;
    const remember = address.keepForm(form, "latents", () => rebuildThen(asked, isThere), [
      ["sort", sortText, (text) => {
        asked = text;
        return sortersOf(text).every(({ column }) => column !== undefined);
      }],
    ]);
    for (const input of [form.search, form.from, form.to, form.failed, form.hookpoint]) {
      const isTyped = ["search", "number"].includes(input.type);
      input.addEventListener("input", () => {
        remember({ typing: isTyped ? input.name : null });
        filter();
      });
    }
    const rebuild = () => rebuildThen(null, remember);
    for (const menu of [form.run, form.scoreType, form.measure]) menu.addEventListener("change", rebuild);
    form.order.addEventListener("change", () => rebuildThen(ready() ? `-${ready().field}` : "place", remember));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => {
      form.measure.value = data.measure;
      rebuild();
    }));
    table.on("dataSorted", () => { if (nRebuilds === 0) remember(); });
    if (nRebuilds === 0) isThere();
  });
  table.on("rowClick", (event, row) => {
    if (!event.target.closest("a") && getSelection().isCollapsed) row.getElement().querySelector("a.latent-link").click();
  });

  let width = null;
  new ResizeObserver(() => {
    const { clientWidth } = table.element;
    if (clientWidth === 0 || clientWidth === width) return;
    if (width !== null) table.redraw();
    width = clientWidth;
  }).observe(table.element);

  // Drawing the rows again, as when the table gets another width, must not take the focus from a link.
  let focused = "";
  for (const kind of ["focusin", "pointerdown"]) {
    document.addEventListener(kind, ({ target }) => {
      focused = target.closest?.("#latent-table a.latent-link")?.hash ?? "";
    });
  }
  table.on("renderComplete", () => {
    if (!focused || document.activeElement !== document.body) return;
    const link = [...document.querySelectorAll("#latent-table a.latent-link")].find(({ hash }) => hash === focused);
    link?.focus({ preventScroll: true });
  });

  // Up and down go from latent to latent, also to rows that are not drawn yet.
  document.getElementById("latent-table").addEventListener("keydown", async (event) => {
    const step = { ArrowDown: "getNextRow", ArrowUp: "getPrevRow" }[event.key];
    const link = event.target.closest("a.latent-link");
    if (!step || !link) return;
    event.preventDefault();
    const next = table.getRow(data.placeAt(link.hash))[step]();
    if (!next) return;
    if (!next.getElement().isConnected) await table.scrollToRow(next, "center");
    next.getElement().querySelector("a.latent-link").focus();
  });

  // The latents in the order in which they stand now, for going from one to the next.
  data.order = () => table.getRows("active").map((row) => row.getData().place);
});
