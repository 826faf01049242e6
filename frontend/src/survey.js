// Keeps the answers to a survey in this browser while one answers: by the survey, so that nothing says who answers.
// They go when they are sent, when their person clears them, or after a week. Without this script one answers in one go.

const KEPT = 7 * 24 * 60 * 60 * 1000; // milliseconds
const RETURNED = ["back_forward", "reload"];
const key = (survey) => `survey:${survey}`;

const sent = document.querySelector("[data-survey-sent]");
if (sent) forget(sent.dataset.surveySent);

for (const form of document.querySelectorAll("form[data-survey]")) keep(form);

function keep(form) {
  const { survey } = form.dataset;
  const note = form.querySelector("[data-draft]");
  const returned = RETURNED.includes(performance.getEntriesByType("navigation")[0]?.type);
  show(returned);
  addEventListener("pageshow", ({ persisted }) => (persisted || returned) && show(true));
  form.addEventListener("input", () => {
    write(survey, typed(form));
    note.hidden = !typed(form).length;
    clear.hidden = false;
    undo.hidden = true;
  });
  form.addEventListener("submit", (event) => {
    offline.hidden = navigator.onLine;
    if (!navigator.onLine) event.preventDefault(); // instead of the browser's own page, from which few come back
  });
  const [clear, undo, offline] = ["forget", "restore", "offline"].map((name) => form.querySelector(`[data-${name}]`));
  let cleared = []; // in this page alone: who clears a shared phone leaves nothing behind
  clear.addEventListener("click", () => {
    cleared = typed(form);
    forget(survey);
    for (const field of fields(form)) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = false;
      else field.value = "";
    }
    swap(clear, undo);
  });
  undo.addEventListener("click", () => {
    restore(form, cleared);
    write(survey, cleared);
    swap(undo, clear);
  });

  // Into a page that one comes back to a browser fills parts of what it remembers, also what was sent; the last of it just
  // before `pageshow`. What is kept here is all of it, or nothing any more. Else what the server shows again is newer.
  function show(again) {
    const draft = read(survey) ?? [];
    if (again ? keeps() : draft.length && !typed(form).length) restore(form, draft);
    note.hidden = !typed(form).length;
  }

  function swap(pressed, other) {
    form.dispatchEvent(new Event("change"));
    pressed.hidden = true;
    other.hidden = false;
    other.focus();
  }
}

function fields(form) {
  return [...form.elements].filter(({ name }) => name?.startsWith("answers."));
}

// What is chosen and written, hidden questions too: the answer that shows them may come back.
function typed(form) {
  return fields(form)
    .filter((field) => (field.type === "radio" || field.type === "checkbox" ? field.checked : field.value))
    .map(({ name, value }) => [name, value]);
}

function restore(form, draft) {
  for (const field of fields(form)) {
    const values = draft.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else field.value = values[0] ?? "";
  }
  form.dispatchEvent(new Event("change"));
}

// A browser may refuse to keep anything: then nothing is kept.
function keeps() {
  try {
    localStorage.setItem("survey", "");
    localStorage.removeItem("survey");
    return true;
  } catch {
    return false;
  }
}

function read(survey) {
  try {
    const { at, answers } = JSON.parse(localStorage.getItem(key(survey)));
    return Date.now() - at < KEPT ? answers : undefined;
  } catch {
    return undefined;
  }
}

function write(survey, answers) {
  try {
    localStorage.setItem(key(survey), JSON.stringify({ at: Date.now(), answers }));
  } catch {
    // as above
  }
}

function forget(survey) {
  try {
    localStorage.removeItem(key(survey));
  } catch {
    // as above
  }
}
