// Who has which ticket, as far as this phone knows: found by the ticket's hash, by its short code, or by name.
import { fold } from "./fold.js";
import { packs } from "./store.js";

const KEY_BYTES = 12; // of a ticket's hash; as events/checkin/door/pack.py
const CODE_LENGTH = 6;

/**
 * @typedef {{key: string, code: string, name: string, organisation: string, site: string, reason: string,
 *   inAt: string | null, door: string, folded: string}} Ticket
 */

export class Pack {
  /** @param {string} event */
  constructor(event) {
    this.event = event;
    this.at = null;
    this.expiresAt = null;
    this.title = "";
    this.sites = [];
    this.byKey = new Map();
    this.byCode = new Map();
    this.revoked = new Set();
  }

  /** The pack that this phone holds of an event; empty when there is none, or when its time is over. */
  static async load(event) {
    const pack = new Pack(event);
    const kept = await packs.get(event);
    if (!kept) return pack;
    if (new Date(kept.expiresAt) <= new Date()) await packs.forget(event);
    else pack.#fill(kept);
    return pack;
  }

  get isThere() {
    return this.at !== null && new Date(this.expiresAt) > new Date();
  }

  get size() {
    return this.byKey.size;
  }

  /**
   * Take in what the server sent; returns false when something is missing, and the whole must be asked for.
   * @param {any} news as `Pack` of the API
   */
  async update(news) {
    if (news.whole) {
      this.byKey.clear();
      this.byCode.clear();
      this.revoked.clear();
    }
    for (const key of news.revoked) {
      this.revoked.add(key);
      this.#drop(key);
    }
    for (const [key, code, name, organisation, site, reason, inAt, door] of news.tickets) {
      this.#drop(key);
      this.#add({
        key, code, name, reason, inAt, door,
        organisation: news.organisations[organisation],
        site: news.sites[site][1],
      });
    }
    Object.assign(this, { at: news.at, expiresAt: news.expires_at, sites: news.sites, title: news.title });
    await this.#save();
    return this.size === news.total;
  }

  /**
   * The ticket that was read: by its secret or its short code; "revoked" for one that a newer one has replaced.
   * @param {string} secret
   * @returns {Promise<Ticket | "revoked" | null>}
   */
  async find(secret) {
    const key = await keyOf(secret);
    const found = this.byKey.get(key) ?? (secret.length === CODE_LENGTH && this.byCode.get(secret.toUpperCase()));
    return found || (this.revoked.has(key) ? "revoked" : null);
  }

  /**
   * Whom a name or organisation finds; every word must be in it. Case, accents and ä ö å make no difference.
   * @param {string} words
   * @returns {Ticket[]}
   */
  search(words, most = 30) {
    const wanted = fold(words).split(" ").filter(Boolean);
    if (!wanted.length || wanted.join("").length < 2) return [];
    const found = [];
    for (const ticket of this.byKey.values()) {
      if (wanted.every((word) => ticket.folded.includes(word))) found.push(ticket);
    }
    const gone = (ticket) => Number(ticket.reason === "cancelled");
    return found.sort((a, b) => gone(a) - gone(b) || a.name.localeCompare(b.name, "fi")).slice(0, most);
  }

  /** Everyone, by name: for the list on paper. */
  everyone() {
    return [...this.byKey.values()].sort((a, b) => a.name.localeCompare(b.name, "fi"));
  }

  /** Remember that someone came in (or went out again), until the server's news say so. */
  mark(ticket, inAt, door) {
    ticket.inAt = inAt;
    ticket.door = inAt ? door : "";
  }

  async forget() {
    this.at = null;
    this.byKey.clear();
    this.byCode.clear();
    await packs.forget(this.event);
  }

  #add(ticket) {
    const full = { ...ticket, folded: fold(`${ticket.name} ${ticket.organisation}`) };
    this.byKey.set(ticket.key, full);
    this.byCode.set(ticket.code, full);
  }

  #drop(key) {
    const old = this.byKey.get(key);
    if (!old) return;
    this.byKey.delete(key);
    if (this.byCode.get(old.code) === old) this.byCode.delete(old.code);
  }

  #fill(kept) {
    Object.assign(this, { at: kept.at, expiresAt: kept.expiresAt, sites: kept.sites, title: kept.title });
    kept.tickets.forEach((ticket) => this.#add(ticket));
    this.revoked = new Set(kept.revoked);
  }

  #save() {
    const { event, at, expiresAt, sites, title } = this;
    const tickets = Array.from(this.byKey.values(), ({ folded, ...ticket }) => ticket);
    return packs.put({ event, at, expiresAt, sites, title, tickets, revoked: [...this.revoked] });
  }
}

/** @param {string} secret as in the QR code */
export async function keyOf(secret) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret.toLowerCase()));
  return btoa(String.fromCharCode(...new Uint8Array(hash, 0, KEY_BYTES)));
}
