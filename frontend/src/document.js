// A document that is being made: shows how far it is, and the page with the file once it is there. Without this script
// the page loads itself again every few seconds.

const PAUSE = 1000; // milliseconds between two looks

const waiting = document.querySelector("[data-document]");
if (waiting) setTimeout(look, PAUSE);

async function look() {
  const answer = await fetch(waiting.dataset.document).catch(() => undefined);
  const told = answer?.ok ? await answer.json().catch(() => undefined) : undefined;
  // Ready or failed, signed out or gone: what is to be said then stands on the page itself. An outage is waited for.
  const ended = told ? !["waiting", "making"].includes(told.state) : answer && answer.status < 500;
  if (ended) return location.reload();
  if (told?.state === "making" && told.total) {
    waiting.querySelector("progress").value = told.done;
    waiting.querySelector("[data-done]").textContent = told.done.toLocaleString(document.documentElement.lang);
  }
  setTimeout(look, PAUSE);
}
