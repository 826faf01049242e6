// Asking the server. Whatever is sent has a nonce, so that a lost answer is simply asked for again.

const PATIENCE = 8000; // milliseconds

/**
 * @typedef {{secret: string, type?: "entry" | "exit" | "undo", force?: boolean}} Reading
 * @typedef {{result: string, reason?: string, event?: string, first_scan_at?: string, first_door?: string,
 *   registration?: {name: string, organisation: string, site: string}}} Answer
 */

/** What went wrong: "offline" when nobody answered, else the status of the answer. */
export class Unanswered extends Error {
  /** @param {"offline" | number} why */
  constructor(why) {
    super(String(why));
    this.why = why;
  }

  /** Whether the server no longer lets this phone in: trying again is of no use. */
  get isRefusal() {
    return this.why === 401 || this.why === 403 || this.why === 404;
  }
}

/** @param {object} scan as `Scanned` of the API */
export const redeem = (scan) => send("/api/v1/checkin/redeem", { ...scan, sent_at: new Date().toISOString() });

/** @param {object} batch as `Batch` of the API */
export const sync = (batch) => send("/api/v1/checkin/sync", { ...batch, sent_at: new Date().toISOString() });

/**
 * @param {string} event
 * @param {string | null} since the `at` of the pack that is there
 */
export function getPack(event, since) {
  const query = new URLSearchParams(since ? { event, since } : { event });
  return ask(`/api/v1/checkin/pack?${query}`, {});
}

/** Let this phone go on as a door when the sign-in of whoever holds it ends. */
export const becomeDoor = (event) => fetch(`/door/${encodeURIComponent(event)}/own`, { method: "POST" });

function send(path, body) {
  return ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE) });
    if (response.ok) return await response.json();
  } catch {
    throw new Unanswered("offline");
  }
  throw new Unanswered(response.status);
}

/** A random UUID; crypto.randomUUID is not there without https. */
export function nonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
