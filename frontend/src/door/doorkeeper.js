// One door of one event: decides about readings, with the server where it answers in time and without it where not.
import { judge } from "./judge.js";
import { keyOf, Pack } from "./pack.js";
import { getPack, redeem, Unanswered } from "./server.js";
import { packs } from "./store.js";

const IN_TIME = 700; // milliseconds that a person waits for the server before the phone decides
const FRESH = 20_000; // milliseconds between two looks at what has changed

export class Doorkeeper extends EventTarget {
  /**
   * @param {string} event
   * @param {import("./queue.js").Queue} queue
   */
  constructor(event, queue) {
    super();
    this.event = event;
    this.queue = queue;
    this.pack = new Pack(event);
    this.others = [];
    this.refreshing = null;
    this.slow = false; // the server has kept someone waiting for nothing, and was not heard in time since
  }

  async begin() {
    this.pack = await Pack.load(this.event).catch(() => this.pack);
    const kept = await packs.all().catch(() => []);
    this.others = await Promise.all(kept.filter(({ event }) => event !== this.event).map(({ event }) => Pack.load(event)));
    this.#recall();
    this.queue.addEventListener("change", () => {
      if (this.queue.refused && this.pack.at) void this.#wipe();
      else this.#recall();
    });
    addEventListener("online", () => void this.refresh());
    document.addEventListener("visibilitychange", () => document.hidden || void this.refresh());
    setInterval(() => document.hidden || void this.refresh(), FRESH);
    await this.refresh();
  }

  /** Take in what has changed at the server, and send what it lacks; never twice at once. */
  refresh() {
    this.refreshing ??= this.#refresh().finally(() => (this.refreshing = null));
    return this.refreshing;
  }

  /**
   * Say whether a ticket opens the door; what is said is kept before it is said.
   * @param {import("./server.js").Reading} reading
   * @param {string} door
   * @returns {Promise<import("./server.js").Answer>}
   */
  async check(reading, door) {
    const ticket = await this.#find(reading.secret);
    const own = judge(ticket, reading, ticket ? "" : await this.#elsewhere(reading.secret));
    const knows = this.pack.isThere || reading.force || reading.type === "undo";
    const { secret, type = "entry", force = false } = reading;
    const scan = { kind: "scan", event: this.event, secret, type, force, door, key: ticket?.key ?? "", said: own.result };
    let entry = await this.#keep({ ...scan, deciding: true });
    const { kind, sent, key, said, deciding, ...asked } = entry;
    const asking = this.#ask(asked);
    const answer = await Promise.race([asking.catch((error) => error), this.#patience(knows)]);
    if (answer && !(answer instanceof Error)) {
      await this.#answered(entry, answer, ticket);
      return answer;
    }
    if (answer instanceof Unanswered && answer.why === 401) {
      await this.#lost(entry);
      return { result: "signed_out" };
    }
    if (!knows) {
      await this.#forget(entry);
      return { result: "unreachable" };
    }
    if (answer === null && this.queue.online) this.slow = true;
    entry = await this.#decided(entry);
    void asking.then((late) => late.result === said && this.#forget(entry), () => null);
    this.#remember(ticket, reading, entry, own);
    if (answer instanceof Unanswered && answer.why === "offline") this.queue.online = false;
    void this.queue.flush();
    return own;
  }

  /**
   * Register someone who came without a ticket, and let them in.
   * @param {{name: string, organisation: string, email: string, site: string | null}} person
   */
  async letIn(person, door) {
    await this.#keep({ kind: "walk_in", event: this.event, door, ...person });
    void this.queue.flush().then(() => this.refresh());
  }

  async #keep(what) {
    try {
      return await this.queue.add(what);
    } catch (error) {
      this.dispatchEvent(new CustomEvent("storage", { detail: error }));
      return { nonce: crypto.randomUUID?.() ?? String(Math.random()), at: new Date().toISOString(), sent: true, ...what };
    }
  }

  async #decided(entry) {
    return this.queue.change(entry, { deciding: false }).catch(() => entry);
  }

  async #forget(entry) {
    await this.queue.remove(entry).catch(() => null);
  }

  /** Ask the server about a reading, and learn whether it is worth waiting for. */
  async #ask(scan) {
    const begun = performance.now();
    const answer = await redeem(scan);
    this.slow = performance.now() - begun > IN_TIME;
    return answer;
  }

  /** How long to wait for the server: not at all when it was not there in time before, long when there is no other way. */
  #patience(knows) {
    if (!knows) return new Promise(() => null);
    const wait = this.queue.online && !this.slow ? IN_TIME : 0;
    return new Promise((done) => setTimeout(done, wait, null));
  }

  async #find(secret) {
    if (!globalThis.crypto?.subtle) return null;
    return this.pack.find(secret);
  }

  async #elsewhere(secret) {
    for (const pack of this.others) {
      if (pack.isThere && (await pack.find(secret))) return pack.title;
    }
    return "";
  }

  async #answered(entry, answer, ticket) {
    await this.#forget(entry);
    if (!ticket || ticket === "revoked") return;
    const { type } = entry;
    if (type === "entry" && answer.result !== "rejected") {
      this.pack.mark(ticket, answer.first_scan_at ?? entry.at, answer.first_door ?? entry.door);
    } else if (answer.result === "ok") this.pack.mark(ticket, null, "");
  }

  #remember(ticket, reading, entry, own) {
    if (ticket && ticket !== "revoked" && own.result === "ok") {
      this.pack.mark(ticket, (reading.type ?? "entry") === "entry" ? entry.at : null, entry.door);
    }
  }

  /** Put over the pack what this phone did and the server's news do not hold yet. */
  #recall() {
    for (const { kind, event, key, said, type, at, door } of this.queue.entries.values()) {
      const ticket = kind === "scan" && event === this.event && said === "ok" ? this.pack.byKey.get(key) : null;
      if (ticket) this.pack.mark(ticket, type === "entry" ? (ticket.inAt ?? at) : null, door);
    }
  }

  async #lost(entry) {
    await this.#forget(entry);
    this.queue.refused = true;
    await this.#wipe();
  }

  async #wipe() {
    await packs.forgetAll().catch(() => null);
    await this.pack.forget().catch(() => null);
    this.dispatchEvent(new Event("change"));
  }

  async #refresh() {
    const begun = new Date().toISOString();
    await this.queue.flush();
    try {
      const news = await getPack(this.event, this.pack.at);
      this.queue.online = true;
      this.slow = false;
      if (!(await this.pack.update(news))) await this.pack.update(await getPack(this.event, null));
      await this.queue.settled(this.event, begun);
      this.#recall();
      await this.queue.beat();
    } catch (error) {
      if (error instanceof Unanswered) {
        this.queue.online = error.why !== "offline";
        if (error.isRefusal) this.queue.refused = true;
        if (error.isRefusal) await this.#wipe();
      } else this.dispatchEvent(new CustomEvent("storage", { detail: error }));
    }
    this.dispatchEvent(new Event("change"));
  }
}

export { keyOf };
