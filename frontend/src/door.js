// The door page. Without this script its forms do the same with a network; with it the door goes on without one:
// readings go through one funnel, the doorkeeper, and what this phone did is kept in the queue until the server has it.
import { Camera } from "./door/camera.js";
import { followCount } from "./door/count.js";
import { Doorkeeper } from "./door/doorkeeper.js";
import { feedback, wakeSound } from "./door/feedback.js";
import { findByName } from "./door/find.js";
import { keepPage } from "./door/keep.js";
import { hearScanner } from "./door/keys.js";
import { printList } from "./door/paper.js";
import { Queue } from "./door/queue.js";
import { becomeDoor } from "./door/server.js";
import { load, save } from "./door/settings.js";
import { showStatus } from "./door/status.js";
import { secretOf } from "./door/ticket.js";
import { isOk, verdictOn } from "./door/verdict.js";
import { walkIns } from "./door/walk-in.js";

const { slug, wasm, own } = document.body.dataset;
const one = (selector) => document.querySelector(selector);
const stage = one("[data-stage]");
const words = one("[data-words]").dataset;
const covered = document.querySelectorAll(".door-header, .skip-link, .door > :not([data-stage])");
let settings = load();
let latest = 0;

const queue = new Queue(() => ({ event: slug, pack_at: keeper.pack.at }));
const keeper = new Doorkeeper(slug, queue);

/** @param {Partial<import("./door/server.js").Reading>} asked */
async function check(asked) {
  const reading = { type: settings.type, ...asked };
  const mine = ++latest;
  document.body.classList.add("asking");
  const answer = await keeper.check(reading, settings.door);
  if (mine !== latest) return; // a later reading is what the door looks at now
  document.body.classList.remove("asking");
  show(verdictOn(answer, reading), (again) => check({ secret: reading.secret, ...again }));
  void names.again();
}

/** A verdict has the whole screen until the next reading or a tap; the camera goes on looking. */
function show(verdict, again) {
  for (const form of verdict.querySelectorAll("[data-again]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { kind, force } = form.elements;
      void again({ type: kind.value, force: Boolean(force.value) });
    });
  }
  const next = verdict.querySelector("[data-next]");
  next.hidden = false;
  next.addEventListener("click", clear);
  say(verdict);
  feedback(isOk(verdict), settings);
}

function say(...verdict) {
  stage.replaceChildren(...verdict);
  for (const other of covered) other.inert = verdict.length > 0;
  if (verdict.length) stage.focus();
}

function clear() {
  say();
  if (!one('[data-panel="find"]').hidden) one("#q").focus();
  if (!one('[data-panel="walk-in"]').hidden) one("#walk-in-name").focus();
}

const read = (text) => {
  const secret = secretOf(text);
  if (secret) void check({ secret });
};
const names = findByName(slug, keeper, check, () => settings.type);
walkIns(keeper, async (person) => {
  await keeper.letIn(person, settings.door);
  show(verdictOn({ result: "ok", registration: { ...person, site: "" } }, { type: "walk_in" }), () => null);
});
hearScanner(read);
followCount(slug);
showStatus(keeper, queue);

const code = one("[data-code]");
code.addEventListener("submit", (event) => {
  event.preventDefault();
  const { secret } = code.elements;
  if (secret.value.trim()) read(secret.value);
  secret.value = "";
});

const camera = new Camera(one("[data-camera] video"), read);
const cameras = one("[data-cameras]");
const torch = one("[data-torch]");
const note = one("[data-camera-note]");

async function startCamera() {
  one("[data-camera]").hidden = false;
  note.textContent = "";
  try {
    await camera.start(settings.camera);
  } catch (error) {
    note.textContent = error.name === "NotAllowedError" ? words.noPermission : words.noCamera;
    one("[data-camera]").classList.add("failed");
    return;
  }
  one("[data-camera]").classList.remove("failed");
  torch.hidden = !camera.hasTorch;
  const choices = await camera.choices();
  cameras.hidden = choices.length < 2;
  cameras.querySelector("select").replaceChildren(
    ...choices.map(({ label, deviceId }, index) => {
      const chosen = deviceId === camera.deviceId;
      return new Option(label || String(index + 1), deviceId, chosen, chosen);
    }),
  );
}

cameras.addEventListener("change", ({ target }) => {
  settings = save({ camera: target.value });
  void startCamera();
});
torch.addEventListener("click", () => {
  const on = torch.getAttribute("aria-pressed") !== "true";
  torch.setAttribute("aria-pressed", String(on));
  void camera.light(on);
});

function turnTo(mode) {
  for (const panel of document.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== mode;
  for (const button of document.querySelectorAll("[data-mode]")) {
    const chosen = button.dataset.mode === mode;
    if (button.matches("[role=button]")) button.classList.toggle("outline", !chosen);
    if (chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  if (mode === "read") void startCamera();
  else camera.stop();
}
for (const button of document.querySelectorAll("[data-mode]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    turnTo(button.dataset.mode);
    clear();
  });
}

const form = one("[data-settings]");
for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.hidden = false;
form.elements.door.value = settings.door;
form.elements.sound.checked = settings.sound;
form.elements.vibration.checked = settings.vibration;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => {
  const { door, sound, vibration } = form.elements;
  settings = save({ door: door.value.trim(), sound: sound.checked, vibration: vibration.checked });
});
// Which way people go is asked only where tickets are read on the way out too.
function turn(type) {
  settings = save({ type });
  void names.again();
}
const directions = document.querySelectorAll("[data-direction] input");
for (const direction of directions) {
  direction.checked = direction.value === settings.type;
  direction.addEventListener("change", () => turn(direction.value));
}
turn(directions.length ? settings.type : "entry");
one("[data-paper]").addEventListener("click", () => printList(keeper.pack));

addEventListener("keydown", ({ key }) => key === "Escape" && clear());
addEventListener("pointerdown", wakeSound, { once: true });
addEventListener("keydown", wakeSound, { once: true });
addEventListener("beforeunload", (event) => queue.waiting.length && event.preventDefault());
// The phone must not fall asleep between two people; where it cannot be kept awake, it is woken by hand.
function wake() {
  if (document.hidden) return;
  void navigator.wakeLock?.request("screen").catch(() => null);
  if (camera.lost) void startCamera();
}
document.addEventListener("visibilitychange", wake);
wake();
document.body.classList.add("scripted");
if (!stage.firstElementChild) say();
const { search, pathname } = location;
turnTo(new URLSearchParams(search).get("q") ? "find" : pathname.endsWith("/walk-in") ? "walk-in" : "read");

async function begin() {
  await queue.begin().catch((error) => keeper.dispatchEvent(new CustomEvent("storage", { detail: error })));
  if (own !== undefined) await becomeDoor(slug).catch(() => null);
  await keeper.begin();
  await keepPage([wasm]).catch(() => null);
  document.body.dataset.ready = keeper.pack.isThere ? "offline" : "online";
}
void begin();
