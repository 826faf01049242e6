// Everything this phone did that the server has not acknowledged. An entry is on the disk before anything is said.
import { nonce, sync, Unanswered } from "./server.js";
import { queue } from "./store.js";

const LOCK = "sixnet-door-queue";
const EVERY = 10_000; // milliseconds between two tries while something waits
const MOST = 100; // entries in one message
const DECIDED = 10_000; // milliseconds after which a reading that was being asked about was decided without an answer

/**
 * @typedef {{nonce: string, kind: "scan" | "walk_in", at: string, event: string, sent: boolean, key?: string,
 *   said?: string, [more: string]: any}} Entry
 */

export class Queue extends EventTarget {
  /** @param {() => object} describe what the server is told of this phone beside */
  constructor(describe) {
    super();
    this.describe = describe;
    this.entries = new Map();
    this.loaded = false; // until then nobody knows whether something waits
    this.refused = false; // the server does not let this phone in any more
    this.stuck = new Map(); // nonce → status: what the server will never take
    this.reached = null; // when the server last answered
    this.online = navigator.onLine;
  }

  async begin() {
    await this.reload();
    for (const name of ["online", "pageshow"]) addEventListener(name, () => void this.flush());
    addEventListener("offline", () => this.#heard(false));
    document.addEventListener("visibilitychange", () => document.hidden || void this.flush());
    setInterval(() => this.waiting.length && void this.flush(), EVERY);
    const channel = globalThis.BroadcastChannel ? new BroadcastChannel(LOCK) : null;
    this.tell = () => channel?.postMessage("changed");
    channel?.addEventListener("message", () => void this.reload());
  }

  /** Read again what is on the disk: another tab may have added or sent something. */
  async reload() {
    const entries = await queue.all();
    this.entries = new Map(entries.sort((a, b) => a.at.localeCompare(b.at)).map((entry) => [entry.nonce, entry]));
    this.loaded = true;
    this.#changed();
  }

  /** @returns {Entry[]} what has not reached the server */
  get waiting() {
    return [...this.entries.values()].filter(({ sent }) => !sent);
  }

  /**
   * Keep something until the server has it; throws when this phone cannot keep anything.
   * @param {object} what
   * @returns {Promise<Entry>}
   */
  async add(what) {
    const entry = { nonce: nonce(), at: new Date().toISOString(), sent: false, ...what };
    await queue.put(entry);
    this.entries.set(entry.nonce, entry);
    this.#changed();
    this.tell?.();
    return entry;
  }

  async change(entry, changes) {
    const changed = { ...entry, ...changes };
    this.entries.set(entry.nonce, changed);
    await queue.put(changed);
    this.#changed();
    return changed;
  }

  async remove(entry) {
    this.entries.delete(entry.nonce);
    await queue.remove(entry.nonce);
    this.#changed();
    this.tell?.();
  }

  /** The server's news hold what was sent before `moment`: it need not be remembered here any more. */
  async settled(event, moment) {
    for (const entry of [...this.entries.values()]) {
      if (entry.sent && entry.event === event && entry.sent < moment) await this.remove(entry);
    }
  }

  /** Send what waits: one tab at a time, in the order in which it was done. */
  async flush() {
    const work = async () => {
      await this.reload();
      for (;;) {
        const batch = this.waiting.filter((entry) => this.#isDue(entry)).slice(0, MOST);
        if (!batch.length || !(await this.#send(batch))) return;
      }
    };
    if (!navigator.locks) return work();
    return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => lock && work());
  }

  /** Tell the server how this phone is, and hear whether it answers. */
  async beat() {
    return this.#exchange([]);
  }

  /** What the server is being asked about is not told to it as decided, unless whoever asked has gone. */
  #isDue({ nonce, deciding, at }) {
    return !this.stuck.has(nonce) && (!deciding || Date.now() - Date.parse(at) > DECIDED);
  }

  async #send(batch) {
    const why = await this.#exchange(batch);
    if (why === null) return true;
    if (why === "offline" || why >= 500 || why === 429 || why === 401) return false;
    // One of them spoils it for the others: each is sent by itself, and what is refused stays here to be seen.
    if (batch.length === 1) {
      this.stuck.set(batch[0].nonce, why);
      this.#changed();
      return true;
    }
    for (const entry of batch) if (!(await this.#send([entry]))) return false;
    return true;
  }

  /** @returns {Promise<null | "offline" | number>} null when the server has taken it in */
  async #exchange(batch) {
    const kinds = { scan: [], walk_in: [] };
    for (const { kind, sent, key, deciding, ...entry } of batch) kinds[kind].push(entry);
    const left = this.waiting.filter(({ nonce }) => !batch.some((sent) => sent.nonce === nonce));
    const device = { waiting: left.length, oldest_at: left[0]?.at ?? null, ...this.describe() };
    try {
      await sync({ scans: kinds.scan, walk_ins: kinds.walk_in, device });
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      this.#heard(error.why !== "offline", error.why === 401);
      return error.why;
    }
    this.#heard(true, false);
    const sent = new Date().toISOString();
    for (const entry of batch) await this.change(entry, { sent });
    this.tell?.();
    return null;
  }

  #heard(online, refused = this.refused) {
    this.online = online;
    this.refused = refused;
    if (online) this.reached = new Date();
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
