// The service worker of doors: opened once with a network, their pages open without. It keeps pages without people in
// them and the files they are made of; what is known of people is the page's own, with its own time to be forgotten.

const PAGES = "door-pages";
const FILES = "door-files";
const PATIENCE = 3000; // milliseconds for a page, then the kept one is shown

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(file(request));
  else if (request.mode === "navigate") {
    const door = /^\/door(\/[^/]+)?(\/walk-in)?\/?$/.exec(url.pathname);
    if (door) event.respondWith(page(request, url, door[2] ? "" : url.search));
  }
});

async function file(request) {
  const cache = await caches.open(FILES);
  const kept = await cache.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await cache.put(request, fresh.clone());
  return fresh;
}

async function page(request, url, search) {
  const cache = await caches.open(PAGES);
  const key = url.pathname.replace(/\/walk-in\/?$/, "");
  const kept = () => cache.match(key);
  let fresh;
  try {
    fresh = await within(PATIENCE, fetch(request));
  } catch (error) {
    const found = await kept();
    if (found) return found;
    if (error !== SLOW) throw error;
    return fetch(request);
  }
  if (fresh.status >= 500) return (await kept()) ?? fresh;
  const same = key === url.pathname && !fresh.redirected;
  if (fresh.ok && same && !search) await cache.put(key, fresh.clone());
  else if (!fresh.ok && same) await cache.delete(key);
  return fresh;
}

const SLOW = new Error("slow");

function within(milliseconds, promise) {
  return Promise.race([promise, new Promise((_, reject) => setTimeout(reject, milliseconds, SLOW))]);
}
