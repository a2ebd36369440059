"use strict";
// Shows the exhibits of one scorer at a time; an address that leads to another's shows that one's.
const scorers = (() => {
  const root = document.documentElement;
  const radios = [...document.querySelectorAll("#scorers input")];
  const articles = [...document.querySelectorAll("article[data-scorer]")];

  const nameOf = (radio) => radio.parentElement.textContent.trim();
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
    remember({ silent: true });
    target.scrollIntoView();
  }
  // The first scorer is the one that the page opens with. An address that leads to an exhibit of another would show that one's.
  function remember(how) {
    const at = radios.findIndex((radio) => radio.checked);
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const hidden = target?.closest("article[hidden]");
    address.set({ scorer: at > 0 ? nameOf(radios[at]) : null }, { ...how, ...(hidden && { place: hidden.closest("section").id }) });
  }
  for (const radio of radios) {
    radio.addEventListener("change", () => {
      show(radio.value);
      remember();
    });
  }
  address.keep(["scorer"], ({ scorer }) => {
    const radio = scorer === null ? radios[0] : radios.find((one) => nameOf(one) === scorer);
    if (radio) show(radio.value);
    return Boolean(radio);
  });
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
