const PAUSE = 500; // milliseconds after which what was typed before is forgotten: no scanner waits so long
const SHORTEST = 6;

/**
 * Hear a scanner that types into no field and ends with Enter.
 * @param {(text: string) => void} onText
 */
export function hearScanner(onText) {
  let typed = "";
  let last = 0;
  addEventListener("keydown", (event) => {
    if (event.target.closest?.("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.timeStamp - last > PAUSE) typed = "";
    last = event.timeStamp;
    if (event.key === "Enter" && typed.length >= SHORTEST) {
      event.preventDefault(); // it must not press the button that has the focus
      onText(typed);
      typed = "";
    } else if (event.key.length === 1) {
      typed += event.key;
    }
  });
}
