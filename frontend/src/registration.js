// The form where people register: suggests organisations, prefills the municipality, hides what need not be asked.
// Without this script every field stands on the page, and the server asks for nothing more.

const PAUSE = 200; // milliseconds without a key pressed before we ask

for (const form of document.querySelectorAll("[data-registration]")) enhance(form);

function enhance(form) {
  const { organisation, municipality, email } = form.elements;
  const list = form.querySelector("datalist");
  const size = form.querySelector("[data-size]");
  const abroad = form.querySelector("[data-abroad]");
  const known = new Map(); // every organisation that was suggested so far, by its name in small letters
  let prefilled = false;
  let timer;

  const showCountry = () => {
    abroad.hidden = municipality.value !== "abroad";
  };
  const showSize = (wanted) => {
    if (size) size.hidden = !wanted && !size.querySelector(".invalid");
  };

  async function suggest(words) {
    if (words.trim().length < 2) return;
    const answer = await fetch(`/organisations/suggest?q=${encodeURIComponent(words)}`).catch(() => undefined);
    if (!answer?.ok) return;
    const { items } = await answer.json();
    for (const item of items) known.set(item.name.toLowerCase(), item);
    list.replaceChildren(...items.map(({ name, municipality_name: town }) => new Option(town, name)));
  }

  function settle() {
    const name = organisation.value.trim().toLowerCase();
    const match = known.get(name);
    showSize(name && (!match || match.asks_size));
    if (match?.municipality && (!municipality.value || prefilled)) {
      municipality.value = match.municipality;
      prefilled = true;
      showCountry();
    }
  }

  organisation.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      await suggest(organisation.value);
      if (known.has(organisation.value.trim().toLowerCase())) settle();
    }, PAUSE);
  });
  organisation.addEventListener("change", async () => {
    clearTimeout(timer);
    await suggest(organisation.value);
    settle();
  });
  email.addEventListener("change", () => {
    if (!organisation.value && email.value.includes("@")) suggest(email.value);
  });
  municipality.addEventListener("change", () => {
    prefilled = false;
    showCountry();
  });

  showCountry();
  showSize(false);
  if (organisation.value) organisation.dispatchEvent(new Event("change"));
}
