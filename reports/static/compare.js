"use strict";
// Two runs, latent by latent: where either is ahead, and what they said there.
latentData.ready.then((data) => {
  const form = document.getElementById("compare-menus");
  const summary = document.getElementById("compare-summary");
  const plot = document.getElementById("compare-plot");
  const picked = document.getElementById("compare-picked");
  const lists = document.getElementById("compare-lists");
  const LISTED = 5;

  const menu = data.runs.map((run, at) => [at, run.label, run.name]);
  dom.fillMenu(form.first, menu);
  dom.fillMenu(form.second, menu);
  dom.fillMenu(form.scoreType, data.scoreTypes.map((name) => [name, name]));
  dom.fillMenu(form.measure, data.measures.map(({ name, heading }) => [name, heading]));
  form.measure.value = data.measure;
  const other = data.runs.findIndex((run, at) => at > 0 && run.group === data.runs[0].group);
  form.second.value = String(Math.max(other, Math.min(1, data.runs.length - 1)));
  // The best two that may be compared.
  if (data.pair) {
    const [first, second, scoreType] = data.pair;
    form.first.value = String(data.runs.findIndex(({ name }) => name === first));
    form.second.value = String(data.runs.findIndex(({ name }) => name === second));
    form.scoreType.value = scoreType;
  }
  // Of many runs several share a colour: the two that are compared have one each.
  const FEW = 8;
  const [FIRST, SECOND] = ["#0072B2", "#E69F00"];
  function shown({ first, second }) {
    const [one, other] = [data.runs[first], data.runs[second]];
    const own = data.runs.length <= FEW && one.colour !== other.colour;
    return own ? [one, other] : [{ ...one, colour: FIRST, symbol: "circle" }, { ...other, colour: SECOND, symbol: "circle" }];
  }

  // plotly takes some HTML for markup in any text.
  const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const short = (text, longest) => plain(text.length > longest ? `${text.slice(0, longest - 1)}\u2026` : text);

  const chosen = () => ({
    first: Number(form.first.value),
    second: Number(form.second.value),
    scoreType: form.scoreType.value,
    measure: form.measure.value,
    heading: data.measures.find(({ name }) => name === form.measure.value).heading,
  });

  // lead: by how much the second run does better
  function pairs({ first, second, scoreType, measure }) {
    const sign = data.isLoss(measure) ? -1 : 1;
    const found = [];
    for (let place = 0; place < data.n; place += 1) {
      const x = data.value(first, scoreType, measure, place);
      const y = data.value(second, scoreType, measure, place);
      if (x !== null && y !== null) found.push({ place, x, y, lead: sign * (y - x) });
    }
    return found;
  }

  // Latents of equal values are one point; the large ones come first, so that none hides a small one.
  function together(found) {
    const points = new Map();
    for (const pair of found) {
      const key = `${pair.x} ${pair.y}`;
      if (!points.has(key)) points.set(key, []);
      points.get(key).push(pair);
    }
    return [...points.values()].sort((a, b) => b.length - a.length);
  }

  function said(run, place, longest) {
    const explanation = data.explanation(run, place);
    return explanation ? short(explanation.text, longest) : dom.DASH;
  }
  function hover(pairsHere, { first, second }) {
    const [{ place, x, y }] = pairsHere;
    const named = pairsHere.length === 1 ? plain(data.name(place)) : `${pairsHere.length} latents: click to list them`;
    const values = `${short(data.runs[first].label, 40)}: ${dom.ratio(x)}<br>${short(data.runs[second].label, 40)}: ${dom.ratio(y)}`;
    if (pairsHere.length > 1) return `${named}<br>${values}`;
    return `${named}<br>${values}<br>${said(first, place, 70)}<br>${said(second, place, 70)}`;
  }

  function draw(found, choice) {
    const points = together(found);
    const [first, second] = shown(choice);
    const colour = (lead) => (lead > 0 ? second.colour : lead < 0 ? first.colour : "#8A8F98");
    const least = Math.min(0, ...found.flatMap(({ x, y }) => [x, y]));
    const range = [least - 0.04, 1.04];
    const axis = (run) => ({ title: { text: `${choice.heading}, ${short(run.label, 34)}` }, range, constrain: "domain" });
    const corner = (x, y, run, xanchor) => ({
      x, y, xanchor, yanchor: y === range[1] ? "top" : "bottom", showarrow: false, text: `${short(run.label, 30)} ahead`,
    });
    const betterIsLess = data.isLoss(choice.measure);
    const traces = [{
      type: "scatter",
      mode: "markers",
      x: points.map(([pair]) => pair.x),
      y: points.map(([pair]) => pair.y),
      text: points.map((here) => hover(here, choice)),
      hoverinfo: "text",
      customdata: points.map((here) => here.map(({ place }) => place)),
      marker: {
        size: points.map((here) => 8 + 3 * Math.sqrt(here.length - 1)),
        color: points.map(([{ lead }]) => colour(lead)),
        opacity: 0.75,
        line: { width: 0 },
      },
    }];
    const layout = {
      template: figures.template(),
      showlegend: false,
      xaxis: axis(first),
      yaxis: { ...axis(second), scaleanchor: "x" },
      shapes: [{ type: "line", x0: range[0], y0: range[0], x1: range[1], y1: range[1], layer: "below", line: { dash: "dot", width: 1, color: "#8A8F98" } }],
      annotations: [corner(range[0], range[1], betterIsLess ? first : second, "left"), corner(range[1], range[0], betterIsLess ? second : first, "right")],
      height: plot.clientHeight,
      hoverlabel: { align: "left" },
    };
    Plotly.react(plot, traces, layout, { ...figures.config, toImageButtonOptions: { filename: "compare", scale: 2 } });
    plot.removeAllListeners?.("plotly_click");
    plot.on("plotly_click", ({ points: [{ customdata }] }) => {
      if (customdata.length === 1) location.hash = data.hash(customdata[0]);
      else list(customdata.map((place) => found.find((pair) => pair.place === place)), choice);
    });
  }

  const link = (place) => dom.element("a", { href: data.hash(place) }, data.name(place));
  function list(here, choice) {
    picked.replaceChildren(
      dom.element("h3", {}, `${here.length} latents at ${dom.ratio(here[0].x)} and ${dom.ratio(here[0].y)}`),
      dom.element("ul", { className: "picked" }, here.map(({ place }) => dom.element("li", {}, link(place)))),
    );
  }

  function item({ place, x, y, lead }, choice) {
    const [first, second] = shown(choice);
    const explained = (run, value) => {
      const explanation = data.explanation(run === first ? choice.first : choice.second, place);
      return dom.element("div", {},
        dom.element("dt", {}, dom.run(run), " ", dom.element("b", {}, dom.ratio(value))),
        dom.element("dd", { dir: "auto" }, explanation ? explanation.text : "No explanation."));
    };
    return dom.element("li", {},
      dom.element("p", {}, link(place), " ", dom.element("span", { className: "lead-by" }, `by ${dom.ratio(Math.abs(lead))}`)),
      dom.element("dl", {}, explained(first, x), explained(second, y)));
  }
  function column(title, found, choice) {
    return dom.element("div", {},
      dom.element("h3", {}, title),
      found.length ? dom.element("ol", { className: "leads" }, found.map((pair) => item(pair, choice))) :
        dom.element("p", { className: "quiet-text" }, "On no latent."));
  }

  function show() {
    const choice = chosen();
    const [first, second] = [data.runs[choice.first], data.runs[choice.second]];
    const found = choice.first === choice.second || first.group !== second.group ? [] : pairs(choice);
    picked.replaceChildren();
    for (const part of [plot, lists]) part.hidden = found.length === 0;
    if (choice.first === choice.second) summary.textContent = "Choose two different runs.";
    else if (first.group !== second.group) summary.textContent = "The latents of these runs are different, or not known to be the same, so there is nothing to set side by side.";
    else if (found.length === 0) summary.textContent = `No latent has a value in both runs under ${choice.scoreType}.`;
    figures.later(plot, () => {
      if (found.length > 0 && figures.start()) draw(found, choice);
      document.documentElement.setAttribute("data-compare", "");
    });
    if (found.length === 0) return;
    const ahead = found.filter(({ lead }) => lead > 0).sort((a, b) => b.lead - a.lead || a.place - b.place);
    const behind = found.filter(({ lead }) => lead < 0).sort((a, b) => a.lead - b.lead || a.place - b.place);
    const equal = found.length - ahead.length - behind.length;
    summary.textContent = `${dom.whole(found.length)} latents have a value in both runs under ${choice.scoreType}: `
      + `${first.label} is ahead on ${dom.whole(behind.length)}, ${second.label} on ${dom.whole(ahead.length)}, equal on ${dom.whole(equal)}.`;
    lists.replaceChildren(
      column(`${first.label} ahead`, behind.slice(0, LISTED), choice),
      column(`${second.label} ahead`, ahead.slice(0, LISTED), choice),
    );
  }

  // What a reader changes shows at once.
  function change() {
    show();
    figures.now(plot);
    remember();
  }
  form.addEventListener("change", change);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.swap.addEventListener("click", () => {
    [form.first.value, form.second.value] = [form.second.value, form.first.value];
    change();
  });
  document.documentElement.addEventListener("themechange", () => {
    if (!plot.hidden && plot.data) figures.later(plot, () => Plotly.relayout(plot, { template: figures.template() }));
  });
  figures.watch(plot);
  show();
  const remember = address.keepForm(form, "compare", () => {
    show();
    figures.now(plot);
  });
});
