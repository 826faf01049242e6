// Building questions: what a kind has, such as options, is shown for that alone; questions, and the options or rows of one, are dragged
// into order by a handle. Without this script every field stands on the page, and the buttons up and down move by way of
// the server.

const WITH_OPTIONS = ["one", "many", "matrix"];

for (const form of document.querySelectorAll("[data-builder]")) {
  const kind = form.querySelector("[data-kind]");
  const options = form.querySelector("[data-options]");
  const show = () => {
    options.hidden = !WITH_OPTIONS.includes(kind.value);
    for (const part of form.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(kind.value);
    for (const part of form.querySelectorAll("[data-not-for]")) part.hidden = part.dataset.notFor === kind.value;
    for (const part of form.querySelectorAll("[data-open-for]")) part.open ||= part.dataset.openFor === kind.value;
  };
  kind.addEventListener("change", show);
  show();
  for (const list of form.querySelectorAll("[data-ordered]")) orderEntries(list);
}

for (const form of document.querySelectorAll("[data-sortable]")) {
  const before = order(form);
  makeDraggable(form, (item) => {
    if (order(form) === before) return;
    form.elements.order.value = order(form);
    form.elements.moved.value = item.dataset.item;
    form.submit();
  });
}

function order(form) {
  return [...form.querySelectorAll("[data-item]")].map(({ dataset }) => dataset.item).join(" ");
}

// Options and rows are sent by their place: after each move the numbers in names, labels and buttons follow.
function orderEntries(list) {
  makeDraggable(list, () => number(list));
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-way]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("[data-item]");
    const items = [...list.querySelectorAll("[data-item]")];
    const place = items.indexOf(item);
    if (button.dataset.way === "up" && place > 0) items[place - 1].before(item);
    if (button.dataset.way === "down" && place < items.length - 1) items[place + 1].after(item);
    number(list);
    const last = list.querySelectorAll("[data-item]").length - 1;
    const now = [...list.querySelectorAll("[data-item]")].indexOf(item);
    const way = now === 0 ? "down" : now === last ? "up" : button.dataset.way;
    item.querySelector(`[data-way="${way}"]`).focus();
  });
}

function number(list) {
  const kind = list.dataset.ordered;
  const numbered = new RegExp(`${kind}-\\d+`, "g");
  for (const [place, item] of list.querySelectorAll("[data-item]").entries()) {
    const legend = item.querySelector("legend");
    if (legend) legend.textContent = legend.textContent.replace(/\d+/, place + 1);
    for (const element of [item, ...item.querySelectorAll("[id], [name], [for], [aria-label], [aria-describedby]")]) {
      for (const name of ["id", "name", "for", "aria-describedby", ...(element.dataset.way ? ["value"] : [])]) {
        const text = element.getAttribute(name);
        if (text) element.setAttribute(name, text.replaceAll(numbered, `${kind}-${place}`));
      }
      const label = element.getAttribute("aria-label");
      if (label) element.setAttribute("aria-label", label.replace(/\d+/, place + 1));
    }
  }
}

function makeDraggable(list, dropped) {
  for (const handle of list.querySelectorAll("[data-handle]")) {
    handle.hidden = false;
    handle.addEventListener("pointerdown", (event) => drag(list, handle, event, dropped));
  }
}

function drag(list, handle, start, dropped) {
  const item = handle.closest("[data-item]");
  start.preventDefault();
  item.classList.add("dragged");

  const move = ({ clientY }) => {
    for (const other of list.querySelectorAll("[data-item]")) {
      const { top, height } = other.getBoundingClientRect();
      if (other === item || clientY < top || clientY > top + height) continue;
      const upper = clientY < top + height / 2;
      other[upper ? "before" : "after"](item);
      return;
    }
  };
  const done = new AbortController();
  const drop = () => {
    done.abort();
    item.classList.remove("dragged");
    dropped(item);
  };
  // On the document: a pointer is not captured by an element that is moved about.
  const { signal } = done;
  document.addEventListener("pointermove", move, { signal });
  document.addEventListener("pointerup", drop, { signal });
  document.addEventListener("pointercancel", drop, { signal });
}
