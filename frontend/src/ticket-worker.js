// The service worker of tickets: asks the network first, and answers from what was kept when there is none.

const KEPT = "tickets";

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  const ours = origin === location.origin && (pathname.startsWith("/t/") || pathname.startsWith("/assets/"));
  if (ours && event.request.method === "GET") event.respondWith(answer(event.request));
});

async function answer(request) {
  const cache = await caches.open(KEPT);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await cache.put(request, fresh.clone());
    else if ([404, 410].includes(fresh.status)) await cache.delete(request); // it was replaced, or its time is over
    return fresh;
  } catch (error) {
    const kept = await cache.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}
