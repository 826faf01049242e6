// The door page. Without this script its forms do the same; here readings go through one funnel, `check`, which is
// where a door without network will decide by itself.
import { Camera } from "./door/camera.js";
import { followCount } from "./door/count.js";
import { feedback, wakeSound } from "./door/feedback.js";
import { findByName } from "./door/find.js";
import { hearScanner } from "./door/keys.js";
import { redeem } from "./door/server.js";
import { load, save } from "./door/settings.js";
import { secretOf } from "./door/ticket.js";
import { isOk, verdictOn } from "./door/verdict.js";

const { slug } = document.body.dataset;
const one = (selector) => document.querySelector(selector);
const stage = one("[data-stage]");
const words = one("[data-words]").dataset;
const covered = document.querySelectorAll(".door-header, .skip-link, .door > :not([data-stage])");
let settings = load();
let latest = 0;

/** @param {import("./door/server.js").Reading} reading */
async function check(reading) {
  const mine = ++latest;
  document.body.classList.add("asking");
  const answer = await redeem(slug, { ...reading, door: settings.door });
  if (mine !== latest) return; // a later reading is what the door looks at now
  document.body.classList.remove("asking");
  const verdict = verdictOn(answer, reading);
  for (const form of verdict.querySelectorAll("[data-again]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { kind, force } = form.elements;
      void check({ secret: reading.secret, type: kind.value, force: Boolean(force.value) });
    });
  }
  const next = verdict.querySelector("[data-next]");
  next.hidden = false;
  next.addEventListener("click", clear);
  say(verdict);
  feedback(isOk(verdict), settings);
  void names.again();
}

/** The verdict has the whole screen until the next reading or a tap; the camera goes on looking. */
function say(...verdict) {
  stage.replaceChildren(...verdict);
  for (const other of covered) other.inert = verdict.length > 0;
  if (verdict.length) stage.focus();
}

function clear() {
  say();
  if (!one('[data-panel="find"]').hidden) one("#q").focus();
}

const read = (text) => {
  const secret = secretOf(text);
  if (secret) void check({ secret });
};
const names = findByName(slug, check);
hearScanner(read);
followCount(slug);

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

function show(mode) {
  for (const panel of document.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== mode;
  for (const button of document.querySelectorAll("[data-mode]")) {
    const chosen = button.dataset.mode === mode;
    button.classList.toggle("outline", !chosen);
    if (chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  if (mode === "read") void startCamera();
  else camera.stop();
}
for (const button of document.querySelectorAll("[data-mode]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    show(button.dataset.mode);
    if (button.dataset.mode === "find") one("#q").focus();
  });
}

const form = one("[data-settings]");
one("[data-needs-script]").hidden = false;
form.elements.door.value = settings.door;
form.elements.sound.checked = settings.sound;
form.elements.vibration.checked = settings.vibration;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => {
  const { door, sound, vibration } = form.elements;
  settings = save({ door: door.value.trim(), sound: sound.checked, vibration: vibration.checked });
});

addEventListener("keydown", ({ key }) => key === "Escape" && clear());
addEventListener("pointerdown", wakeSound, { once: true });
addEventListener("keydown", wakeSound, { once: true });
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
show(new URLSearchParams(location.search).get("q") ? "find" : "read");
