"use strict";
// One latent: every run's explanation and scores side by side, and its examples with every run's verdict.
latentData.ready.then((data) => {
  const view = document.getElementById("latent-view");
  const part = (name) => view.querySelector(`[data-part="${name}"]`);
  const which = part("which");
  const missing = document.getElementById("latent-missing");
  const WHICH = {
    all: ["All examples", () => true],
    wrong: ["Judged wrongly by a run", (example) => example.verdicts.some(([, verdict]) => verdict === "wrong")],
    failed: ["Failed in a run", (example) => example.verdicts.some(([, verdict]) => verdict === "failed")],
    activating: ["Activating", (example) => example.activating],
    other: ["Not activating", (example) => !example.activating],
  };
  dom.fillMenu(which, Object.entries(WHICH).map(([name, [text]]) => [name, text]));
  // With more, the verdicts under each example would hide the texts: the matrix above has them all.
  const FEW_RUNS = 5;
  let shown = null;
  let opener = null;

  const COUNTS = [["tp", "TP"], ["fp", "FP"], ["tn", "TN"], ["fn", "FN"], ["n_failed", "Failed"]];
  const MEASURES = [["accuracy", "Acc."], ["f1", "F1"]];
  const heading = (text, properties = {}) => dom.element("th", { scope: "col", ...properties }, text);
  const number = (text) => dom.element("td", { className: "number" }, text);

  function scores(run, place) {
    const rows = data.scoreTypes.filter((scoreType) => data.count(run, scoreType, "tp", place) !== null);
    const others = otherScores(run, place);
    if (rows.length + others.length === 0) return dom.element("p", { className: "quiet-text" }, "No scores.");
    return [rows.length ? ofClassifiers(run, place, rows) : "", others.length ? ofOthers(others) : ""];
  }

  // [scorer, measure, value] of scorers that are no classifiers.
  function otherScores(run, place) {
    return data.scoreTypes
      .filter((scoreType) => data.count(run, scoreType, "tp", place) === null)
      .flatMap((scoreType) => data.measures
        .map(({ name, heading: text }) => [scoreType, text, data.value(run, scoreType, name, place)]))
      .filter(([, , value]) => value !== null);
  }

  function ofOthers(found) {
    return dom.element("table", {},
      dom.element("thead", {}, dom.element("tr", {},
        heading("Scorer"), heading("Measure"), heading("Value", { className: "number" }))),
      dom.element("tbody", {}, found.map(([scoreType, text, value]) => dom.element("tr", {},
        dom.element("th", { scope: "row" }, scoreType),
        dom.element("td", {}, text),
        number(dom.ratio(value))))));
  }

  function ofClassifiers(run, place, rows) {
    return dom.element("table", {},
      dom.element("thead", {}, dom.element("tr", {}, heading("Scorer"),
        [...MEASURES, ...COUNTS].map(([, text]) => heading(text, { className: "number" })))),
      dom.element("tbody", {}, rows.map((scoreType) => dom.element("tr", {},
        dom.element("th", { scope: "row" }, scoreType),
        MEASURES.map(([name]) => number(dom.ratio(data.value(run, scoreType, name, place)))),
        COUNTS.map(([name]) => number(dom.whole(data.count(run, scoreType, name, place))))))));
  }

  function card(run, place) {
    const said = data.explanation(run, place);
    const text = said ? said.text : "No explanation.";
    return dom.element("div", { className: "card" },
      dom.element("h4", {}, dom.run(data.runs[run])),
      dom.element("p", { className: said && !said.isPlaceholder ? "explained" : "explained quiet-text", dir: "auto" }, text),
      dom.element("div", { className: "scroll" }, scores(run, place)));
  }

  // Cut by characters as the tokens' lengths count them: code points.
  function tokens({ text, lengths, places, strengths }, peak) {
    if (!lengths) return [text];
    const characters = Array.from(text);
    const strengthAt = new Map(places.map((place, at) => [place, strengths[at]]));
    let start = 0;
    return lengths.map((length, place) => {
      const token = characters.slice(start, (start += length)).join("");
      const strength = strengthAt.get(place);
      if (strength === undefined) return token;
      const mark = dom.element("mark", { title: `activation ${strength}` }, token);
      mark.style.setProperty("--strength", Math.max(0.12, peak > 0 ? strength / peak : 1));
      return mark;
    });
  }

  const LONG = {
    TP: "true positive: activating, judged activating",
    FN: "false negative: activating, judged not activating",
    FP: "false positive: not activating, judged activating",
    TN: "true negative: not activating, judged not activating",
    failed: "failed: the scorer gave no judgement",
  };
  function verdictName(activating, verdict) {
    if (verdict === "failed") return "failed";
    if (activating) return verdict === "right" ? "TP" : "FN";
    return verdict === "right" ? "TN" : "FP";
  }
  // A score file may hold a text more than once.
  function verdictCell(activating, found) {
    if (found.length === 0) return dom.element("td", { title: "not judged" }, dom.DASH);
    return dom.element("td", {}, found.map(([, verdict, probability]) => {
      const name = verdictName(activating, verdict);
      return dom.element("div", { title: LONG[name] },
        dom.element("span", { className: `verdict ${verdict}` }, name),
        probability === null ? "" : dom.element("span", { className: "probability" }, probability.toFixed(2)));
    }));
  }

  function verdicts(example) {
    const judged = example.verdicts.map((found) => ({ found, ...data.slots[found[0]] }));
    const scoreTypes = data.scoreTypes.filter((name) => judged.some(({ scoreType }) => scoreType === name));
    const runs = [...new Set(judged.map(({ run }) => run))].sort((a, b) => a - b);
    return dom.element("table", { className: "verdicts" },
      dom.element("thead", {}, dom.element("tr", {}, heading("Run"), scoreTypes.map((name) => heading(name)))),
      dom.element("tbody", {}, runs.map((run) => dom.element("tr", {},
        dom.element("th", { scope: "row" }, dom.run(data.runs[run])),
        scoreTypes.map((scoreType) => verdictCell(
          example.activating,
          judged.filter((one) => one.run === run && one.scoreType === scoreType).map(({ found }) => found),
        ))))));
  }

  function origin({ activating, quantile, distance }) {
    if (!activating) return distance === null ? "not activating" : `not activating, neighbour at ${distance}`;
    return quantile === null ? "activating" : `activating, quantile ${quantile}`;
  }

  const idOf = (number) => `latent-example-${number}`;

  function exampleItem([number, example], peak) {
    const judged = example.verdicts.filter(([, verdict]) => verdict !== "failed");
    const right = judged.filter(([, verdict]) => verdict === "right");
    const folded = dom.element("details", { className: "judged", open: data.runsOf(shown.place).length <= FEW_RUNS },
      dom.element("summary", {}, judged.length ? `${right.length} of ${judged.length} right` : "no judgement"),
      dom.element("div", { className: "scroll" }, verdicts(example)));
    return dom.element("li", { className: "example", id: idOf(number), tabIndex: -1 },
      dom.element("div", {},
        dom.element("p", { className: "quiet-text" }, `Example ${number} \u00b7 ${origin(example)}`),
        dom.element("p", { className: "example-text", dir: "auto" }, tokens(example, peak))),
      folded);
  }

  // Every run's verdict on every example at one glance: a table per scorer, a row per run, a column per example.
  function matrices(numbered) {
    const part = ([number, { activating }]) => {
      const jump = dom.element("button", { type: "button", title: `example ${number}: ${activating ? "activating" : "not activating"}` }, String(number));
      jump.addEventListener("click", () => {
        const item = document.getElementById(idOf(number));
        item.scrollIntoView({ block: "center" });
        item.focus({ preventScroll: true });
      });
      return dom.element("th", { scope: "col", className: activating ? "activating" : "" }, jump);
    };
    const cell = (slot, [number, example]) => {
      const found = example.verdicts.filter(([at]) => at === slot);
      if (found.length === 0) return dom.element("td", {}, "");
      const [, verdict, probability] = found[0];
      const name = verdictName(example.activating, verdict);
      const sure = probability === null ? "" : `, probability ${probability.toFixed(2)}`;
      return dom.element("td", { className: `verdict ${verdict}`, title: `example ${number}: ${LONG[name]}${sure}` }, name === "failed" ? "\u00d7" : name);
    };
    const slots = [...new Set(numbered.flatMap(([, { verdicts }]) => verdicts.map(([slot]) => slot)))]
      .map((slot) => ({ slot, ...data.slots[slot] }))
      .sort((a, b) => data.scoreTypes.indexOf(a.scoreType) - data.scoreTypes.indexOf(b.scoreType) || a.run - b.run);
    const bodies = data.scoreTypes.map((scoreType) => slots.filter((slot) => slot.scoreType === scoreType)).filter((of) => of.length);
    return bodies.map((of) => dom.element("table", { className: "matrix" },
      dom.element("thead", {}, dom.element("tr", {}, heading("Run"), numbered.map(part))),
      dom.element("tbody", {},
        dom.element("tr", {}, dom.element("th", { scope: "rowgroup", colSpan: numbered.length + 1, className: "scorer" }, of[0].scoreType)),
        of.map(({ slot, run }) => dom.element("tr", {},
          dom.element("th", { scope: "row" }, dom.shortRun(data.runs[run])),
          numbered.map((one) => cell(slot, one)))))));
  }

  // How strongly the activating examples activate: a bar per tenth of the highest activation.
  function histogram({ tenths, peak }) {
    if (!tenths) return [];
    const most = Math.max(...tenths);
    const bar = (n, at) => {
      const made = dom.element("i", { title: `${dom.whole(n)} from ${(peak * at / 10).toPrecision(3)} to ${(peak * (at + 1) / 10).toPrecision(3)}` });
      made.style.setProperty("--share", n / most);
      return made;
    };
    const said = `Strongest activations of ${dom.whole(tenths.reduce((sum, n) => sum + n, 0))} activating examples, from 0 to ${peak}: ${tenths.join(", ")} in each tenth`;
    return [
      dom.element("div", { className: "bars", role: "img", ariaLabel: said }, tenths.map(bar)),
      dom.element("p", { className: "caption" }, dom.element("span", {}, "0"), dom.element("span", {}, "strongest activation of an example"), dom.element("span", {}, String(peak))),
    ];
  }

  function listExamples() {
    const list = part("examples");
    const said = part("examples-count");
    which.parentElement.hidden = !shown.examples;
    if (!shown.examples) {
      list.replaceChildren();
      for (const name of ["matrix", "histogram"]) part(name).replaceChildren();
      said.textContent = "This report carries no examples of this latent.";
      return;
    }
    const { n, peak, examples } = shown.examples;
    part("histogram").replaceChildren(...histogram(shown.examples));
    const chosen = examples.map((example, at) => [at + 1, example]).filter(([, example]) => WHICH[which.value][1](example));
    part("matrix").replaceChildren(...(chosen.length ? matrices(chosen) : []));
    list.replaceChildren(...chosen.map((example) => exampleItem(example, peak)));
    const strongest = peak === null ? "" : ` The strongest activation is ${peak}; a token is marked the more, the nearer it comes.`;
    said.textContent = `${chosen.length} of ${dom.whole(n)} examples.${strongest}`;
  }

  async function open(place) {
    shown = { place, examples: null };
    part("title").replaceChildren(data.hookpoint(place), " ", dom.element("b", {}, String(data.latent(place))));
    const runs = data.runsOf(place);
    const firing = [...new Set(runs.map((run) => data.firing(run, place)).filter((count) => count !== null))];
    part("facts").textContent = firing.length === 0 ? "Firing count unknown" :
      `Fires on ${firing.map(dom.whole).join(" or ")} token${firing.length === 1 && firing[0] === 1 ? "" : "s"}`;
    if (data.nGroups > 1) part("facts").textContent += ` \u00b7 latents of ${data.groupLabel(data.group(place))}`;
    const elsewhere = data.neuronpedia(place);
    if (elsewhere) part("facts").append(" \u00b7 ", dom.element("a", { href: elsewhere, target: "_blank", rel: "noopener noreferrer" }, "Neuronpedia"));
    part("cards").classList.toggle("many", runs.length > FEW_RUNS);
    part("cards").tabIndex = runs.length > FEW_RUNS ? 0 : -1;
    part("cards").replaceChildren(...runs.map((run) => card(run, place)));
    const examples = await data.examples(place);
    if (shown.place !== place) return;
    shown.examples = examples;
    listExamples();
    const order = data.order();
    part("previous").disabled = order.indexOf(place) <= 0;
    part("next").disabled = order.indexOf(place) === order.length - 1;
    if (!view.open) view.showModal();
    view.scrollTop = 0;
    view.dataset.place = place;
  }

  function step(by) {
    const order = data.order();
    const next = order[order.indexOf(shown.place) + by];
    if (next !== undefined) history.replaceState(null, "", data.hash(next));
    if (next !== undefined) open(next);
  }

  // The address says what is open, so that a link to a latent can be sent.
  function follow() {
    const asks = location.hash.startsWith("#latent/");
    const place = data.placeAt(location.hash);
    missing.hidden = !asks || place !== null;
    if (place !== null) open(place);
    else if (view.open) view.close();
    if (!missing.hidden) missing.scrollIntoView();
  }
  addEventListener("hashchange", follow);
  view.addEventListener("close", () => {
    if (location.hash.startsWith("#latent/")) history.replaceState(null, "", "#latents");
    [...document.querySelectorAll("a[href^='#latent/']")].find((link) => link.hash === opener)?.focus();
  });
  // Following a link within the page takes the focus from it; it comes back when the latent is closed.
  document.addEventListener("click", (event) => {
    opener = event.target.closest("a[href^='#latent/']")?.hash ?? opener;
  });
  view.addEventListener("click", (event) => { if (event.target === view) view.close(); });
  view.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && !event.target.closest("select, .scroll")) step(by);
  });
  part("close").addEventListener("click", () => view.close());
  part("previous").addEventListener("click", () => step(-1));
  part("next").addEventListener("click", () => step(1));
  which.addEventListener("change", () => {
    listExamples();
    address.set({ examples: which.value === "all" ? null : which.value });
  });
  address.keep(["examples"], ({ examples }) => {
    const isKnown = examples === null || examples in WHICH;
    which.value = isKnown && examples ? examples : "all";
    if (shown) listExamples();
    return isKnown;
  });
  follow();
});
