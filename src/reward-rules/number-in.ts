/** A sign, digits that commas may group by three, a fraction, an exponent. */
const numbers = /[-+−]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?|[-+−]?\.\d+(?:[eE][-+]?\d+)?/gu;

/** The last number in a text, such as −3, 1,234.5 or 6e-3; null: there is none that is finite. */
export function numberIn(text: string): number | null {
  let last: number | null = null;
  for (const match of text.matchAll(numbers)) {
    const before = text[match.index - 1] ?? ' ';
    // A hyphen after a digit or a letter is none of a number: 3-4, A-1.
    const said = /[\p{L}\p{N}]/u.test(before) ? match[0].replace(/^[-+−]/u, '') : match[0];
    const value = Number(said.replaceAll(',', '').replace('−', '-'));
    if (Number.isFinite(value)) last = value;
  }
  return last;
}
