"use strict";
// Shows the exhibits of one scorer at a time; an address that leads to another's shows that one's.
const scorers = (() => {
  const root = document.documentElement;
  const radios = [...document.querySelectorAll("#scorers input")];
  const articles = [...document.querySelectorAll("article[data-scorer]")];

  function show(scorer) {
    for (const article of articles) article.hidden = article.dataset.scorer !== scorer;
    for (const radio of radios) radio.checked = radio.value === scorer;
    root.dispatchEvent(new Event("scorerchange"));
  }
  function follow() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const article = target?.closest("article[hidden]");
    if (!article) return;
    show(article.dataset.scorer);
    target.scrollIntoView();
  }
  for (const radio of radios) radio.addEventListener("change", () => show(radio.value));
  addEventListener("hashchange", follow);
  follow();

  // Paper shows all of them.
  let chosen = null;
  addEventListener("beforeprint", () => {
    if (chosen !== null) return;
    chosen = radios.find((radio) => radio.checked)?.value ?? "0";
    for (const article of articles) article.hidden = false;
  });
  addEventListener("afterprint", () => {
    show(chosen);
    chosen = null;
  });
})();
