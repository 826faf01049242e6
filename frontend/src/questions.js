// Questions that depend on earlier answers or on the site, and items of the agenda at sites: shown when they are asked.
// The server decides the same again, and without this script all of them stand on the page, each saying whom it is for.

const shown = [...document.querySelectorAll("[data-question], [data-shown-at]")];

for (const form of new Set(shown.map((element) => element.closest("form")))) {
  const settle = () => show(form);
  form.addEventListener("change", settle);
  settle();
}
for (const condition of document.querySelectorAll("[data-condition]")) condition.hidden = true;

function show(form) {
  const data = new FormData(form);
  const given = new Set(); // what was answered to the questions shown so far, as "code=value"
  for (const element of form.querySelectorAll("[data-question], [data-shown-at]")) {
    const { question, shownIf, shownAt } = element.dataset;
    const here = !shownAt || shownAt.split(" ").includes(data.get("site"));
    const asked = !shownIf || shownIf.split(" ").some((condition) => given.has(condition));
    element.hidden = !(here && asked);
    element.disabled = element.hidden; // a fieldset is not sent while it is hidden
    if (element.hidden || !question) continue;
    for (const value of data.getAll(`answers.${question}`)) given.add(`${question}=${value}`);
  }
}
