const { zone } = document.body.dataset;
const words = document.querySelector("[data-words]").dataset;
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", timeZone: zone });

/**
 * The verdict on a reading, as the page's own templates say it in the user's language.
 * @param {import("./server.js").Answer} answer
 * @param {import("./server.js").Reading} reading
 */
export function verdictOn(answer, reading) {
  const key = answer.result === "ok" ? (SPECIAL[reading.type] ?? "ok") : (answer.reason ?? keyOfExit(answer, reading));
  const template = document.querySelector(`template[data-verdict="${CSS.escape(key)}"]`) ?? fallback();
  const element = template.content.firstElementChild.cloneNode(true);
  const { name = "", organisation = "", site = "" } = answer.registration ?? {};
  fill(element, { name, organisation, site, event: answer.event ?? "", first: first(key, answer) });
  return element;
}

const SPECIAL = { undo: "undone", exit: "left", walk_in: "walk_in" };

const keyOfExit = ({ result }, { type }) => (type === "exit" && result === "duplicate" ? "not_inside" : result);

/** @param {HTMLElement} verdict */
export const isOk = (verdict) => verdict.dataset.result === "ok";

/**
 * Put texts into the slots of a template's copy.
 * @param {HTMLElement} element
 * @param {Record<string, string>} texts
 */
export function fill(element, texts) {
  for (const [slot, text] of Object.entries(texts)) {
    const place = element.querySelector(`[data-slot="${slot}"]`);
    if (place) place.textContent = text;
  }
}

function first(key, { first_scan_at: at, first_door: door }) {
  if (!at || !["duplicate", "conflict"].includes(key)) return "";
  const when = words.first.replace("{time}", clock.format(new Date(at)));
  return door ? `${when}, ${door}` : when;
}

const fallback = () => document.querySelector('template[data-verdict="unknown"]');
