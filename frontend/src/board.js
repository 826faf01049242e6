// What is followed live: the board of the doors, the results of a survey. The server sends the part that changes ready to
// be shown, in the page's language. Where one was on the page stays: focus, place, what is unfolded, what is being typed.

const board = document.querySelector("[data-board]");
const PATIENCE = 8000; // milliseconds: a stream ends now and then, and begins again at once
const REACHED = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";

// A control is known again by its id, else by what it is, leads to or says, and the how-manieth of such it is.
const nameOf = (control) =>
  [control.id, control.tagName, control.getAttribute("href"), control.getAttribute("aria-label"), control.value, control.id ? "" : control.textContent.trim()].join("|");
const sameOnes = (control, root) => [...root.querySelectorAll(REACHED)].filter((each) => nameOf(each) === nameOf(control));
const isTyped = (field) => field.matches("input:not([type=hidden]), textarea") && field.value !== field.defaultValue;
const isTyping = () => document.activeElement.matches("input, textarea, select") && board.contains(document.activeElement);

function show(html) {
  const focused = board.contains(document.activeElement) ? document.activeElement : null;
  const place = focused ? sameOnes(focused, board).indexOf(focused) : -1;
  const typed = [...board.querySelectorAll("input[id], textarea[id]")].filter(isTyped);
  const unfolded = new Set([...board.querySelectorAll("details[open] > summary")].map((each) => each.textContent.trim()));
  const aside = new Map([...board.querySelectorAll(".table-scroll")].map((each) => [each.ariaLabel, each.scrollLeft]));
  const sight = [...board.querySelectorAll("[id]")].find((each) => each.getBoundingClientRect().bottom > 0);
  const height = sight?.getBoundingClientRect().top;

  board.innerHTML = html;

  for (const each of board.querySelectorAll("summary")) each.parentElement.open ||= unfolded.has(each.textContent.trim());
  for (const { id, value } of typed) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  for (const each of board.querySelectorAll(".table-scroll")) each.scrollLeft = aside.get(each.ariaLabel) ?? 0;
  if (focused) (sameOnes(focused, board)[place] ?? board).focus({ preventScroll: true });
  const again = sight && document.getElementById(sight.id);
  if (again) scrollBy({ top: again.getBoundingClientRect().top - height, behavior: "instant" });
}

if (board) {
  const lost = document.querySelector("[data-board-lost]");
  const told = document.querySelector("[data-board-told]");
  const pause = document.querySelector("[data-board-pause]");
  let stream = null;
  let timer = 0;
  let waiting = null;
  const heard = () => {
    clearTimeout(timer);
    timer = 0;
    lost.hidden = true;
  };
  const tell = (html) => {
    waiting = null;
    show(html);
    if (told) told.textContent = board.querySelector("[data-board-said]")?.textContent ?? "";
  };
  const follow = () => {
    stream = new EventSource(board.dataset.board);
    stream.addEventListener("board", ({ data }) => {
      heard();
      const html = JSON.parse(data);
      if (isTyping()) waiting = html;
      else tell(html);
    });
    stream.addEventListener("open", heard);
    stream.addEventListener("error", () => {
      timer ||= setTimeout(() => (lost.hidden = false), PATIENCE);
    });
  };
  const stop = () => {
    heard();
    stream.close();
    stream = null;
    waiting = null;
  };
  board.tabIndex = -1;
  board.addEventListener("focusout", () => setTimeout(() => waiting && !isTyping() && tell(waiting)));
  if (pause) {
    const words = pause.textContent;
    pause.hidden = false;
    pause.addEventListener("click", () => {
      if (stream) stop();
      else follow();
      pause.textContent = stream ? words : pause.dataset.resume;
    });
  }
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  follow();
}
