// Keeps an opened ticket on the device, so that it opens again at a door without a network.

const KEPT = "tickets";

if (document.body.hasAttribute("data-ticket") && "serviceWorker" in navigator) keep();

async function keep() {
  await navigator.serviceWorker.register("/t/worker.js", { scope: "/t/" });
  const { active } = await navigator.serviceWorker.ready;
  const parts = performance.getEntriesByType("resource").map(({ name }) => name);
  const own = parts.filter((url) => new URL(url).origin === location.origin && new URL(url).pathname.startsWith("/assets/"));
  const cache = await caches.open(KEPT);
  await cache.addAll([location.href, ...new Set(own)]);
  document.body.dataset.ticket = active ? "kept" : "";
}
