// How far mails are that go out: what is shown of each is replaced by what the page would show now, unless somebody is
// in it. Without this script the page loads itself again every few seconds.

const PAUSE = 3000; // milliseconds between two looks

const going = () => document.querySelectorAll("[data-going]");
if (going().length) setTimeout(look, PAUSE);

async function look() {
  const answer = await fetch(location.href).catch(() => undefined);
  const text = answer?.ok ? await answer.text().catch(() => "") : "";
  const there = new DOMParser().parseFromString(text, "text/html");
  for (const part of going()) {
    const fresh = there.getElementById(part.id);
    if (fresh && !part.contains(document.activeElement)) part.replaceWith(fresh);
  }
  if (going().length && (!answer || answer.ok || answer.status >= 500)) setTimeout(look, PAUSE);
}
