const FILES = "door-files";

/**
 * Keep this page and all it is made of, so that it opens without a network; ask the browser not to throw away what
 * this phone holds.
 * @param {string[]} more files that may be needed later
 */
export async function keepPage(more) {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/door/worker.js", { scope: "/door" });
  await navigator.serviceWorker.ready;
  const parts = performance.getEntriesByType("resource").map(({ name }) => name);
  const own = [...parts, ...more.map((path) => new URL(path, location.href).href)].filter((url) => {
    const { origin, pathname } = new URL(url);
    return origin === location.origin && pathname.startsWith("/assets/");
  });
  const files = await caches.open(FILES);
  for (const url of new Set(own)) if (!(await files.match(url))) await files.add(url);
  const pages = await caches.open("door-pages");
  if (!(await pages.match(location.pathname))) await pages.add(location.pathname);
  // Not waited for: Firefox asks whoever holds the phone, and maybe nobody answers.
  void navigator.storage?.persist?.().catch(() => null);
}
