import { fill } from "./verdict.js";

const WAIT = 200; // milliseconds after the last key before the server is asked
const PATIENCE = 4000; // milliseconds

/**
 * Find people by name while one types: in this phone's list, or at the server as long as there is none.
 * @param {string} event
 * @param {import("./doorkeeper.js").Doorkeeper} keeper
 * @param {(reading: {secret: string}) => void} letIn
 * @param {() => "entry" | "exit"} way which way people go now
 */
export function findByName(event, keeper, letIn, way) {
  const form = document.querySelector("[data-find]");
  const list = document.querySelector("[data-found]");
  const note = document.querySelector("[data-found-note]");
  const { foundNone, letIn: entry, goesOut: exit } = document.querySelector("[data-words]").dataset;
  let asked = 0;
  let timer = 0;

  async function search() {
    const words = form.elements.q.value.trim();
    const mine = ++asked;
    const { pack } = keeper;
    const people = words.length < 2 ? [] : pack.isThere ? pack.search(words) : await ask(event, words);
    if (mine !== asked || people === null) return; // a newer question is under way, or no answer came
    list.replaceChildren(...people.map((person) => row(person, letIn, way() === "exit" ? exit : entry)));
    note.textContent = words.length >= 2 && !people.length ? foundNone : "";
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, keeper.pack.isThere ? 0 : WAIT);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    void search();
  });
  return { again: search };
}

/** What the server knows, in the form of the pack's tickets; null when it cannot be asked. */
async function ask(event, words) {
  try {
    const query = new URLSearchParams({ q: words });
    const response = await fetch(`/door/${encodeURIComponent(event)}/people?${query}`, {
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (!response.ok) return null;
    const found = await response.json();
    return found.map(({ inside, state, ...person }) => ({
      ...person,
      inAt: inside ? "known" : null,
      reason: state === "confirmed" ? "" : state,
    }));
  } catch {
    return null;
  }
}

function row(person, letIn, deed) {
  const element = document.querySelector("template[data-person]").content.firstElementChild.cloneNode(true);
  const about = [person.organisation, person.site].filter(Boolean).join(" · ");
  fill(element, { name: person.name, about, deed, whom: ` ${person.name}` });
  const badge = document.querySelector(`template[data-badge="${person.inAt ? "inside" : person.reason}"]`);
  if (badge) element.querySelector('[data-slot="badge"]').append(badge.content.cloneNode(true));
  element.querySelector("button").addEventListener("click", () => letIn({ secret: person.code }));
  return element;
}
