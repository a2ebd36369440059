"use strict";
// The theme, there before the first paint: the address's, else the reader's own choice, else the system's.
const theme = (() => {
  const root = document.documentElement;
  const systemDark = matchMedia("(prefers-color-scheme: dark)");

  // A page opened from a file may be denied storage; the system's theme then holds.
  function stored() {
    try { return localStorage.getItem("theme"); } catch { return null; }
  }
  function show(name) {
    root.dataset.theme = name;
    root.dispatchEvent(new Event("themechange"));
  }
  function choose(name) {
    try { localStorage.setItem("theme", name); } catch { /* the choice lasts as long as the page */ }
    show(name);
    address.set({ theme: name });
  }
  const bySystem = () => (systemDark.matches ? "dark" : "light");
  const opens = stored() ?? bySystem();
  let isAsked = false;
  show(opens);
  address.keep(["theme"], ({ theme: name }) => {
    const isKnown = [null, "light", "dark"].includes(name);
    isAsked = isKnown && name !== null;
    show(isAsked ? name : opens);
    return isKnown;
  });
  systemDark.addEventListener("change", () => { if (!stored() && !isAsked) show(bySystem()); });
  return { show, choose, name: () => root.dataset.theme };
})();
