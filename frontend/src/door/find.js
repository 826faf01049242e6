import { find } from "./server.js";
import { fill } from "./verdict.js";

const WAIT = 200; // milliseconds after the last key before the server is asked

/**
 * Find people by name while one types.
 * @param {string} event
 * @param {(reading: {secret: string}) => void} letIn
 */
export function findByName(event, letIn) {
  const form = document.querySelector("[data-find]");
  const list = document.querySelector("[data-found]");
  const note = document.querySelector("[data-found-note]");
  const { foundNone } = document.querySelector("[data-words]").dataset;
  let asked = 0;
  let timer = 0;

  async function search() {
    const words = form.elements.q.value.trim();
    const mine = ++asked;
    const people = words.length < 2 ? [] : await find(event, words);
    if (mine !== asked || people === null) return; // a newer question is under way, or no answer came
    list.replaceChildren(...people.map((person) => row(person, letIn)));
    note.textContent = words.length >= 2 && !people.length ? foundNone : "";
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, WAIT);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    void search();
  });
  return { again: search };
}

function row(person, letIn) {
  const element = document.querySelector("template[data-person]").content.firstElementChild.cloneNode(true);
  const about = [person.organisation, person.site].filter(Boolean).join(" · ");
  fill(element, { name: person.name, about, whom: ` ${person.name}` });
  const badge = document.querySelector(`template[data-badge="${person.attended ? "inside" : person.state}"]`);
  if (badge) element.querySelector('[data-slot="badge"]').append(badge.content.cloneNode(true));
  element.querySelector("button").addEventListener("click", () => letIn({ secret: person.code }));
  return element;
}
