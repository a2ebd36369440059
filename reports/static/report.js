"use strict";
(() => {
  const root = document.documentElement;
  const { figures, templates } = JSON.parse(document.getElementById("figures").textContent);
  const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };
  const systemDark = matchMedia("(prefers-color-scheme: dark)");
  const toggle = document.getElementById("theme");
  const drawn = new Set();

  // A page opened from a file may be denied storage; the system's theme then holds.
  function stored() {
    try { return localStorage.getItem("theme"); } catch { return null; }
  }
  function store(theme) {
    try { localStorage.setItem("theme", theme); } catch { /* the choice lasts as long as the page */ }
  }

  function template() {
    return templates[root.dataset.theme];
  }
  function show(theme) {
    root.dataset.theme = theme;
    toggle.textContent = theme === "dark" ? "Light" : "Dark";
    for (const plot of drawn) Plotly.relayout(plot, { template: template() });
    root.dispatchEvent(new Event("themechange"));
  }
  window.report = { config, template };
  show(stored() ?? (systemDark.matches ? "dark" : "light"));
  systemDark.addEventListener("change", () => { if (!stored()) show(systemDark.matches ? "dark" : "light"); });
  toggle.addEventListener("click", () => {
    const theme = root.dataset.theme === "dark" ? "light" : "dark";
    store(theme);
    show(theme);
  });

  const isNarrow = matchMedia("(max-width: 600px)").matches;
  function replace(layout, path, value) {
    const keys = path.split(".");
    const last = keys.pop();
    keys.reduce((part, key) => (part[key] ??= {}), layout)[last] = value;
  }

  function draw(plot) {
    if (drawn.has(plot)) return;
    if (!window.Plotly) {
      plot.textContent = "plotly.js could not be fetched, so there is no figure: open this page where there is a network.";
      return;
    }
    drawn.add(plot);
    const { data, layout } = figures[plot.id];
    if (isNarrow) for (const [path, value] of Object.entries(layout.meta.narrow ?? {})) replace(layout, path, value);
    Plotly.newPlot(plot, data, { ...layout, template: template() }, { ...config, toImageButtonOptions: { filename: plot.id, scale: 2 } });
  }
  const waiting = [...document.querySelectorAll(".plot")];
  const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 1));
  function drawNext() {
    const plot = waiting.shift();
    if (!plot) return root.setAttribute("data-drawn", "");
    draw(plot);
    idle(drawNext);
  }
  idle(drawNext);

  // Paper is light, and as wide as it is: every figure is drawn before it goes there, a wide one made smaller.
  const PAPER_WIDTH = 670;
  const screen = {};
  addEventListener("beforeprint", () => {
    if (screen.theme) return;
    waiting.splice(0).forEach(draw);
    screen.theme = root.dataset.theme;
    show("light");
    document.querySelector("nav details").open = true;
    window.report.printable = Promise.all([...drawn].filter((plot) => figures[plot.id]).map((plot) => {
      const width = Math.max(PAPER_WIDTH, figures[plot.id].layout.meta.min_width);
      plot.style.zoom = PAPER_WIDTH / width;
      return Plotly.relayout(plot, { width });
    }));
  });
  addEventListener("afterprint", () => {
    for (const plot of drawn) {
      plot.style.zoom = "";
      Plotly.relayout(plot, { width: null, autosize: true });
    }
    show(screen.theme);
    screen.theme = null;
  });

  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", async () => {
      const code = button.nextElementSibling;
      getSelection().selectAllChildren(code);
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Selected: press Ctrl+C";
      }
    });
  }

  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  for (const id of links.keys()) seen.observe(document.getElementById(id));
  if (matchMedia("(max-width: 900px)").matches) document.querySelector("nav details").open = false;
})();
