// Buttons that copy a figure: where there is no clipboard they stay hidden, and the figure can be marked as any text.
const status = document.querySelector("[data-copy-status]");

for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const value = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(value.textContent.trim());
      status.textContent = `${button.dataset.copied}: ${value.textContent.trim()}`;
    } catch {
      getSelection().selectAllChildren(value); // not allowed: then it is marked, ready for the keys
    }
  });
}
