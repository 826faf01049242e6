// Small comforts; every page works without them.
import "./board.js";
import "./building.js";
import "./copying.js";
import "./document.js";
import "./going.js";
import "./own-tickets.js";
import "./papers.js";
import "./questions.js";
import "./registration.js";
import "./survey.js";
import "./ticket.js";

// Where to begin: at the errors of a form; else at the part that the address names, the one just changed; else at what a
// form brought about. The skip link's #main is left in the address by earlier pages and names nothing.
const part = location.hash !== "#main" && document.getElementById(location.hash.slice(1));
const first = document.querySelector("[data-focus]") ?? (part ? null : document.querySelector("[data-told]"));
if (first) {
  history.replaceState(history.state, "", location.pathname + location.search); // or its part would take the focus back
  first.focus();
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
