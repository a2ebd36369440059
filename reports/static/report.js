"use strict";
// What the page does besides its figures and latents: the theme's button, copies of queries, the place in the contents.
(() => {
  const toggle = document.getElementById("theme");
  const other = () => (theme.name() === "dark" ? "light" : "dark");
  const offer = () => { toggle.textContent = other() === "dark" ? "Dark" : "Light"; };
  offer();
  document.documentElement.addEventListener("themechange", offer);
  toggle.addEventListener("click", () => theme.choose(other()));

  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("pre");
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
})();
