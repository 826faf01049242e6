// What the door says of itself at any time: whether there is a network, how old its list is, how much it still holds.

const { zone } = document.body.dataset;
const { lang } = document.documentElement;
const clock = new Intl.DateTimeFormat(lang, { timeStyle: "short", timeZone: zone });
const number = new Intl.NumberFormat(lang);
const SOON = 60_000; // milliseconds between two looks at how old the list is

/**
 * @param {import("./doorkeeper.js").Doorkeeper} keeper
 * @param {import("./queue.js").Queue} queue
 */
export function showStatus(keeper, queue) {
  const words = document.querySelector("[data-words]").dataset;
  const place = (name) => document.querySelector(`[data-status="${name}"]`);
  const bar = document.querySelector("[data-status-bar]");
  const counted = (name, count) =>
    words[count === 1 ? `${name}One` : `${name}Other`].replace("{n}", number.format(count));

  function show() {
    const { pack } = keeper;
    const waiting = queue.waiting.length;
    bar.dataset.online = String(queue.online);
    place("network").textContent = queue.online ? words.online : words.offline;
    place("pack").textContent = pack.isThere ? words.pack.replace("{time}", clock.format(new Date(pack.at))) : words.noPack;
    bar.dataset.waiting = String(waiting);
    if (queue.loaded) set(place("waiting"), waiting ? counted("waiting", waiting) : words.allSent);
    set(place("refused"), queue.refused ? words.refused : "");
    set(place("stuck"), queue.stuck.size ? counted("stuck", queue.stuck.size) : "");
  }

  keeper.addEventListener("change", show);
  queue.addEventListener("change", show);
  keeper.addEventListener("storage", () => set(place("storage"), words.noStorage));
  addEventListener("online", show);
  addEventListener("offline", show);
  setInterval(show, SOON);
  show();
}

/** Only what is new is written: screen readers read out what changes. */
function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}
