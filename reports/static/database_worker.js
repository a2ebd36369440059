"use strict";
// Run in the worker before DuckDB's own script, which would fetch its module. A page opened from a file may fetch nothing,
// not even from itself: the module's bytes come in a message, and what fetches is given them.
addEventListener("message", (event) => {
  const { module } = event.data;
  if (!module) return;
  event.stopImmediatePropagation();
  self.fetch = async () => new Response(module, { headers: { "Content-Type": "application/wasm" } });
});
