"use strict";
// Draws the figures: those near the screen first, the others when there is nothing else to do.
const figures = (() => {
  const root = document.documentElement;
  const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };
  const NARROW = 640;
  const data = (id) => JSON.parse(document.getElementById(id).textContent);
  const templates = data("templates");
  const template = () => templates[theme.name()];

  // plotly.js stands in the page as text: run where first needed, it does not hold up the page.
  function start() {
    const source = document.getElementById("plotly-source");
    source?.replaceWith(dom.element("script", { textContent: source.textContent }));
    return Boolean(window.Plotly);
  }

  function replace(layout, path, value) {
    const keys = path.split(".");
    const last = keys.pop();
    keys.reduce((part, key) => (part[key] ??= {}), layout)[last] = value;
  }
  const drawn = new Map();
  function draw(plot) {
    if (!start()) {
      plot.textContent = "plotly.js could not be fetched, so there is no figure: open this page where there is a network.";
      return;
    }
    const { data: traces, layout } = data(`${plot.id}-data`);
    if (screen.theme) {
      screen.drawn.push(plot);
      Object.assign(layout, fitted(plot, layout.meta.min_width));
    } else if (plot.parentElement.clientWidth < NARROW) for (const [path, value] of Object.entries(layout.meta.narrow ?? {})) replace(layout, path, value);
    drawn.set(plot, layout.meta.min_width);
    Plotly.newPlot(plot, traces, { ...layout, template: template() }, { ...config, toImageButtonOptions: { filename: plot.id, scale: 2 } });
  }

  // What is to be done for which element, in the page's order; work given again replaces what was not done yet.
  const waiting = new Map();
  const near = new Set();
  // Where plotly.js comes from the network it is there, or known not to come, once the page is read.
  const isRead = () => document.readyState !== "loading";
  let isAwake = true;
  const FRAME_MS = 16;
  const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 1, { timeRemaining: () => 0 }));
  function now(element) {
    if (!isRead()) return;
    const work = waiting.get(element);
    waiting.delete(element);
    work?.(element);
  }
  // As many at a time as there is time for, so that the page answers in between.
  function next(deadline) {
    do {
      const [first] = waiting.keys();
      now([...near].find((element) => waiting.has(element)) ?? first);
    } while (waiting.size > 0 && deadline.timeRemaining() > FRAME_MS);
    isAwake = waiting.size > 0;
    if (isAwake) idle(next, { timeout: 100 });
    else root.setAttribute("data-drawn", "");
  }
  function later(element, work) {
    waiting.set(element, work);
    root.removeAttribute("data-drawn");
    if (isAwake) return;
    isAwake = true;
    idle(next, { timeout: 100 });
  }
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) near[isIntersecting ? "add" : "delete"](target);
  }, { rootMargin: "50% 0px" });
  const watch = (element) => watcher.observe(element);

  // A figure under another scorer has no size yet.
  const undrawn = () => [...document.querySelectorAll(".plot")].filter((plot) => !drawn.has(plot) && !plot.closest("[hidden]"));
  document.addEventListener("DOMContentLoaded", () => {
    for (const plot of undrawn()) {
      watch(plot);
      waiting.set(plot, draw);
    }
    idle(next, { timeout: 100 });
  });
  root.addEventListener("scorerchange", () => {
    for (const plot of undrawn()) {
      watch(plot);
      later(plot, draw);
    }
  });
  root.addEventListener("themechange", () => {
    for (const plot of drawn.keys()) later(plot, () => Plotly.relayout(plot, { template: template() }));
  });

  // Paper is light, and as wide as it is: every figure is drawn before it goes there, once, a wide one made smaller.
  const PAPER_WIDTH = 670;
  const screen = { theme: null, closed: [], drawn: [] };
  function fitted(plot, minWidth) {
    const width = Math.max(PAPER_WIDTH, minWidth);
    plot.style.zoom = PAPER_WIDTH / width;
    return { width };
  }
  function prepare() {
    if (screen.theme) return;
    screen.theme = theme.name();
    theme.show("light");
    const before = [...drawn];
    for (const plot of undrawn()) waiting.set(plot, draw);
    for (const element of [...waiting.keys()].filter((element) => !drawn.has(element))) now(element);
    screen.closed = [...document.querySelectorAll("nav details, details.rows")].filter((one) => !one.open);
    for (const details of screen.closed) details.open = true;
    api.printable = Promise.all(before.map(([plot, minWidth]) => {
      waiting.delete(plot);
      return Plotly.relayout(plot, { ...fitted(plot, minWidth), template: template() });
    }));
  }
  addEventListener("beforeprint", prepare);
  addEventListener("afterprint", () => {
    // plotly.js has never seen how wide these are on the screen.
    for (const plot of screen.drawn.splice(0)) {
      Plotly.purge(plot);
      plot.style.zoom = "";
      drawn.delete(plot);
      waiting.delete(plot);
    }
    theme.show(screen.theme);
    for (const details of screen.closed) details.open = false;
    screen.theme = null;
    for (const plot of undrawn()) {
      watch(plot);
      later(plot, draw);
    }
    for (const plot of drawn.keys()) {
      later(plot, () => {
        plot.style.zoom = "";
        Plotly.relayout(plot, { width: null, autosize: true, template: template() });
      });
    }
  });

  const api = { config, template, start, watch, later, now };
  return api;
})();
