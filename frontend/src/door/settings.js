// What this phone keeps about itself: its door's name, its camera, whether it sounds and trembles.

const KEY = "sixnet-door";
const DEFAULTS = { door: "", camera: "", sound: true, vibration: true, type: "entry" };

export function load() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { ...DEFAULTS };
  }
}

/** @param {Partial<typeof DEFAULTS>} changes */
export function save(changes) {
  const settings = { ...load(), ...changes };
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Storage that is full or forbidden: the settings last as long as the page.
  }
  return settings;
}
