const POLL = 5000; // milliseconds, where no stream gets through

/**
 * Keep the count of who has come: told by the server, or asked for where streams are cut.
 * @param {string} event
 */
export function followCount(event) {
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const path = `/door/${encodeURIComponent(event)}`;
  const show = (count) => {
    for (const place of document.querySelectorAll("[data-count]")) {
      place.textContent = number.format(count[place.dataset.count]);
    }
  };
  let timer = 0;
  const poll = async () => {
    const response = await fetch(`${path}/count`).catch(() => null);
    if (response?.ok) show(await response.json());
  };
  const stream = new EventSource(`${path}/live`);
  stream.addEventListener("count", ({ data }) => {
    clearInterval(timer);
    timer = 0;
    show(JSON.parse(data));
  });
  stream.addEventListener("error", () => {
    timer ||= setInterval(poll, POLL);
  });
  addEventListener("pagehide", () => stream.close());
}
