// Building questions: options are shown for the kinds that have them, and questions are dragged into order by a handle.
// Without this script every field stands on the page, and the buttons up and down move a question.

const WITH_OPTIONS = ["one", "many"];

for (const form of document.querySelectorAll("[data-builder]")) {
  const kind = form.querySelector("[data-kind]");
  const options = form.querySelector("[data-options]");
  const show = () => {
    options.hidden = !WITH_OPTIONS.includes(kind.value);
  };
  kind.addEventListener("change", show);
  show();
}

for (const form of document.querySelectorAll("[data-sortable]")) {
  for (const handle of form.querySelectorAll("[data-handle]")) {
    handle.hidden = false;
    handle.addEventListener("pointerdown", (event) => drag(form, handle, event));
  }
}

function drag(form, handle, start) {
  const item = handle.closest("[data-item]");
  const before = order(form);
  start.preventDefault();
  item.classList.add("dragged");

  const move = ({ clientY }) => {
    for (const other of form.querySelectorAll("[data-item]")) {
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
    if (order(form) === before) return;
    form.elements.order.value = order(form);
    form.elements.moved.value = item.dataset.item;
    form.submit();
  };
  // On the document: a pointer is not captured by an element that is moved about.
  const { signal } = done;
  document.addEventListener("pointermove", move, { signal });
  document.addEventListener("pointerup", drop, { signal });
  document.addEventListener("pointercancel", drop, { signal });
}

function order(form) {
  return [...form.querySelectorAll("[data-item]")].map(({ dataset }) => dataset.item).join(" ");
}
