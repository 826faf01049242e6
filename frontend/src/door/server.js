// Asking the server. One reading keeps its nonce however often it is sent, so a lost answer is simply asked for again.

const TRIES = 3;
const PATIENCE = 4000; // milliseconds

/**
 * @typedef {{secret: string, type?: "entry" | "exit" | "undo", force?: boolean, door?: string}} Reading
 * @typedef {{result: string, reason?: string, first_scan_at?: string, first_door?: string,
 *   registration?: {name: string, organisation: string, site: string}}} Answer
 */

/**
 * What the server says of one reading; "unreachable" when it cannot be asked, "signed_out" when it no longer knows us.
 * @param {string} event
 * @param {Reading} reading
 * @returns {Promise<Answer>}
 */
export async function redeem(event, reading) {
  const scan = {
    event,
    secret: reading.secret,
    type: reading.type ?? "entry",
    force: reading.force ?? false,
    door: reading.door ?? "",
    nonce: nonce(),
    at: new Date().toISOString(),
  };
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await ask({ ...scan, sent_at: new Date().toISOString() });
    if (answer) return answer;
  }
  return { result: "unreachable" };
}

async function ask(scan) {
  try {
    const response = await fetch("/api/v1/checkin/redeem", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(scan),
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (response.ok) return await response.json();
    if (response.status === 401 || response.status === 404) return { result: "signed_out" };
    return response.status < 500 ? { result: "rejected", reason: "unknown" } : null;
  } catch {
    return null;
  }
}

/**
 * Whom a name finds; null when the server cannot be asked.
 * @param {string} event
 * @param {string} words
 */
export async function find(event, words) {
  try {
    const query = new URLSearchParams({ q: words });
    const response = await fetch(`/door/${encodeURIComponent(event)}/people?${query}`, {
      signal: AbortSignal.timeout(PATIENCE),
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

function nonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
