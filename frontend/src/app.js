// Small comforts; every page works without them.
import "./building.js";
import "./document.js";
import "./papers.js";
import "./questions.js";
import "./registration.js";
import "./ticket.js";

document.querySelector("[data-focus]")?.focus();

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// What was too much for one request goes on by itself; without this there is a button.
document.querySelector("[data-go-on]")?.requestSubmit();
