// The tablet at the door: a ticket before the camera or the form, an answer over the whole screen, and then the beginning
// again. Without this script the form does the same.
import { Camera } from "./door/camera.js";

const SHOWN = 6000; // milliseconds that an answer stays
const IDLE = 60_000; // milliseconds without a touch after which nothing of the last person is left
const UNUSED = 15 * 60_000; // milliseconds after which a tablet that nobody uses looks whether another event is on
const PATIENCE = 10_000; // milliseconds that the server may take

const one = (selector) => document.querySelector(selector);
const { start } = document.body.dataset;
const stage = one("[data-stage]");
const form = one("[data-oneself]");
const blank = form.cloneNode(true);
let asking = false;
let back = 0;
let idle = 0;

async function send(data) {
  if (asking) return;
  asking = true;
  document.body.classList.add("asking");
  try {
    const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(data), signal: AbortSignal.timeout(PATIENCE) });
    take(new DOMParser().parseFromString(await response.text(), "text/html"));
  } catch {
    say(stage.dataset.lost);
  } finally {
    asking = false;
    document.body.classList.remove("asking");
  }
}

/** The server's page has an answer for the stage, or the form with what is wrong in it. */
function take(page) {
  const answer = page.querySelector("[data-stage]");
  if (answer?.firstElementChild) {
    clear();
    return show(...answer.children);
  }
  const sent = page.querySelector("[data-oneself]");
  if (!sent) return say(page.querySelector("main h1")?.textContent ?? stage.dataset.lost);
  form.replaceChildren(...sent.children);
  form.querySelector("[aria-invalid=true]")?.focus();
}

function say(words) {
  const verdict = Object.assign(document.createElement("div"), { className: "verdict" });
  verdict.dataset.result = "stop";
  verdict.append(Object.assign(document.createElement("p"), { className: "word", textContent: words }));
  show(verdict);
}

function show(...answer) {
  stage.replaceChildren(...answer);
  stage.querySelector("[data-next]")?.addEventListener("click", (event) => {
    event.preventDefault();
    begin();
  });
  stage.focus();
  clearTimeout(back);
  back = setTimeout(begin, SHOWN);
}

function begin() {
  clearTimeout(back);
  stage.replaceChildren();
  clear();
}

/** Leave nothing of who stood here: what the server sent back with their mistakes is no beginning. */
function clear() {
  form.replaceChildren(...blank.cloneNode(true).children);
}

for (const field of blank.querySelectorAll("input")) {
  for (const name of ["value", "aria-invalid", "aria-describedby"]) field.removeAttribute(name);
}
for (const mistake of blank.querySelectorAll("#error-summary, .field-error")) mistake.remove();
for (const field of blank.querySelectorAll(".invalid")) field.classList.remove("invalid");

/** The page anew, in the language that the tablet began with; without a network it stays, or nobody could go on. */
function leave() {
  begin();
  fetch(start, { signal: AbortSignal.timeout(PATIENCE) }).then(() => location.replace(start), () => null);
}

function touched() {
  clearTimeout(idle);
  idle = setTimeout(leave, IDLE);
}

form.addEventListener("submit", (event) => {
  if (event.submitter?.name) return; // the language: the page comes anew
  event.preventDefault();
  void send(new FormData(form));
});
for (const name of ["pointerdown", "keydown", "input"]) addEventListener(name, touched);
idle = setTimeout(leave, UNUSED);
document.body.classList.add("scripted");
if (stage.firstElementChild) show(...stage.children);
else stage.replaceChildren();

const camera = new Camera(one("[data-camera] video"), (text) => void send({ code: text }));
one("[data-camera]").hidden = false;
camera.start("", "user").catch(() => {
  one("[data-camera]").classList.add("failed");
  one("[data-camera-note]").hidden = false;
});
