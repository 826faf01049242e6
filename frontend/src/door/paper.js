/**
 * Print everyone with a box to tick: what the door falls back to when a phone gives up.
 * @param {import("./pack.js").Pack} pack
 */
export function printList(pack) {
  const table = document.querySelector("[data-paper-list]");
  const rows = pack.everyone().filter(({ reason }) => !reason);
  table.tBodies[0].replaceChildren(
    ...rows.map(({ name, organisation, site, code, inAt }) => {
      const row = document.createElement("tr");
      for (const text of [inAt ? "✓" : "☐", name, organisation, site, code]) row.insertCell().textContent = text;
      return row;
    }),
  );
  print();
}
