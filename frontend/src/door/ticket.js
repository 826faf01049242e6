const SECRET_LENGTH = 26;

/**
 * The secret in what was read: a ticket's address, also as a scanner types it on another keyboard layout, or the
 * secret or short code itself.
 * @param {string} text
 */
export function secretOf(text) {
  const runs = text.split(/[?#]/)[0].toLowerCase().match(/[0-9a-z]+/g) ?? [];
  const last = runs.at(-1) ?? "";
  return last.length === SECRET_LENGTH ? last : runs.join("");
}
