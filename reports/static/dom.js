"use strict";
// Builds elements. Texts become text nodes only: none of them is ever read as HTML.
const dom = {
  DASH: "\u2013",
  COUNT: new Intl.NumberFormat("en"),

  element(tag, properties = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name in made) made[name] = value;
      else made.setAttribute(name, value);
    }
    made.append(...children.flat());
    return made;
  },

  // A patch of a run's colour; named where nothing beside it says which run it stands for.
  swatch(run, isAlone = false) {
    const swatch = dom.element("i", { className: `swatch ${run.symbol}`, ...(isAlone && { role: "img", ariaLabel: run.label, title: run.label }) });
    swatch.style.background = run.colour;
    return swatch;
  },

  // Its name as short as the other runs' names allow.
  shortRun(run) {
    return dom.element("span", { className: "named-run", title: run.label }, dom.swatch(run), run.short);
  },

  run(run) {
    return dom.element("span", { className: "named-run" }, dom.swatch(run), run.label);
  },

  // [value, text, name]: the name is what the page's address calls it, the value itself if there is none.
  fillMenu(select, options) {
    select.replaceChildren(...options.map(([value, text, name]) =>
      dom.element("option", { value, ...(name !== undefined && { "data-name": name }) }, text)));
  },

  // What render/packed.py packed into the element of this id.
  async unpacked(id) {
    const base64 = document.getElementById(id).textContent;
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
  },

  ratio(value) {
    return value === null ? dom.DASH : value.toFixed(3).replace("-", "\u2212");
  },

  whole(value) {
    return value === null ? dom.DASH : dom.COUNT.format(value);
  },
};
