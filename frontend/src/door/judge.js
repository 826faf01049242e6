// What a door says by itself. The server's rules are events/checkin/rules.py; here is what one phone can know of them.

/**
 * @param {import("./pack.js").Ticket | "revoked" | null} ticket
 * @param {import("./server.js").Reading} reading
 * @param {string} elsewhere the title of another event whose ticket it is, "" if of none that is known
 * @returns {import("./server.js").Answer}
 */
export function judge(ticket, reading, elsewhere = "") {
  if (ticket === "revoked") return { result: "rejected", reason: "revoked" };
  if (!ticket) {
    return elsewhere
      ? { result: "rejected", reason: "wrong_event", event: elsewhere }
      : { result: "rejected", reason: "unknown" };
  }
  const { name, organisation, site } = ticket;
  const known = { registration: { name, organisation, site } };
  if (reading.type === "undo") return { result: "ok", ...known };
  if (reading.type === "exit") return { result: ticket.inAt ? "ok" : "duplicate", ...known };
  if (reading.force) return { result: "ok", ...known };
  if (ticket.reason) return { result: "rejected", reason: ticket.reason, ...known };
  if (ticket.inAt) return { result: "duplicate", first_scan_at: ticket.inAt, first_door: ticket.door, ...known };
  return { result: "ok", ...known };
}
