"use strict";
// On a narrow screen the contents are closed; before the first paint, so that nothing below them moves.
if (matchMedia("(max-width: 900px)").matches) document.querySelector("nav details").open = false;
