// Checking in on one's own phone: the tickets that it has opened (ticket.js) need one tap instead of a form. And the
// screen that shows a changing code.

const EVERY = 10_000; // milliseconds: a third of what a code is shown

const own = document.querySelector("[data-own-tickets]");
if (own && "caches" in globalThis) void offer();

async function offer() {
  if (!(await caches.has("tickets"))) return;
  const kept = await (await caches.open("tickets")).keys();
  const tickets = kept.map(({ url }) => new URL(url).pathname).filter((path) => /^\/t\/[a-z0-9]{26}$/.test(path));
  if (!tickets.length) return;
  own.elements.tickets.value = tickets.slice(-10).join(" ");
  own.hidden = false;
}

const code = document.querySelector("[data-changing-code]");
if (code) setInterval(change, EVERY);

async function change() {
  const lost = document.querySelector("[data-code-lost]");
  try {
    const response = await fetch(code.dataset.changingCode);
    if (!response.ok) throw new Error(String(response.status));
    code.innerHTML = await response.text();
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
}
