"use strict";
// Shows what a term means beside it: under the mouse, with the keyboard's focus, or touched. A term in a text leads to the list
// of all words; touched, it shows its meaning first.
(() => {
  const box = document.getElementById("meaning");
  let shown = null;
  let isTouch = false;

  function show(term) {
    shown = term;
    box.textContent = document.getElementById(`meaning-${term.dataset.word}`).textContent;
    box.hidden = false;
    const { left, top, bottom } = term.getBoundingClientRect();
    const isLow = bottom + box.offsetHeight + 8 > innerHeight;
    box.style.left = `${Math.max(8, Math.min(left, document.documentElement.clientWidth - box.offsetWidth - 8))}px`;
    box.style.top = `${isLow ? top - box.offsetHeight - 6 : bottom + 6}px`;
  }
  function hide() {
    shown = null;
    box.hidden = true;
  }
  const termAt = ({ target }) => target.closest?.("[data-word]") ?? null;

  document.addEventListener("pointerdown", (event) => { isTouch = event.pointerType === "touch"; }, true);
  document.addEventListener("click", (event) => {
    const term = termAt(event);
    if (!term) hide();
    else if (isTouch && term !== shown) {
      // A heading sorts its table all the same.
      if (term.matches("a")) event.preventDefault();
      show(term);
    }
  });
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const term = termAt(event);
    if (term) show(term);
    else if (shown !== document.activeElement && event.target !== box) hide();
  });
  document.addEventListener("focusin", (event) => {
    const term = termAt(event);
    if (term && term.matches(":focus-visible")) show(term);
    else if (!isTouch) hide();
  });
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") hide(); });
  // Not every browser opens what a link leads into.
  function open() {
    const word = location.hash.startsWith("#word-") ? document.getElementById(location.hash.slice(1)) : null;
    if (!word) return;
    word.closest("details").open = true;
    word.scrollIntoView();
  }
  addEventListener("hashchange", open);
  open();
  addEventListener("scroll", hide, { passive: true, capture: true });
})();
