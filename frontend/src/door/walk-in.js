/**
 * The form for someone who came without registering; a full site asks for one more tap and no more typing.
 * @param {import("./doorkeeper.js").Doorkeeper} keeper
 * @param {(person: {name: string, organisation: string, email: string, site: string | null}) => void} letIn
 */
export function walkIns(keeper, letIn) {
  const form = document.querySelector("[data-walk-in]");
  const warning = document.querySelector("[data-walk-in-full]");
  const button = form.querySelector("button");
  const usual = button.textContent;
  const { letInAnyway } = document.querySelector("[data-words]").dataset;
  const list = document.querySelector("#organisations");
  const names = () => [...new Set(keeper.pack.everyone().map(({ organisation }) => organisation))].filter(Boolean);

  form.elements.organisation.addEventListener("focus", () => {
    if (keeper.pack.isThere) list.replaceChildren(...names().sort().map((name) => new Option(name)));
  });
  const left = (site) => keeper.pack.sites.find(([id]) => id === site)?.[2] ?? null;
  const chosen = () => form.elements.site?.value || keeper.pack.sites[0]?.[0] || null;
  const ask = (full) => {
    warning.hidden = !full;
    button.textContent = full ? letInAnyway : usual;
  };
  form.addEventListener("change", () => ask(false));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { name, organisation, email } = form.elements;
    if (!form.reportValidity()) return;
    const places = left(chosen());
    if (places !== null && places <= 0 && warning.hidden) return ask(true);
    ask(false);
    letIn({
      name: name.value.trim(),
      organisation: organisation.value.trim(),
      email: email.value.trim(),
      site: chosen(),
    });
    form.reset();
  });
}
