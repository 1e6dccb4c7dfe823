/**
 * Calls `visit` with each group of two or more texts whose keys of 64 bits are equal, in ascending order of the texts.
 * The group is valid until `visit` returns. Time grows with the number of texts alone: they are sorted by the high
 * halves of their keys (radix sort, two passes of 16 bits), and by the low halves where the high ones are equal.
 *
 * @param texts the numbers of the texts, ascending
 */
export function eachGroupOfEqualKeys(
  texts: Uint32Array,
  high: Uint32Array,
  low: Uint32Array,
  visit: (group: Uint32Array) => void,
): void {
  const sorted = sortByHigh(texts, high);
  let begin = 0;
  for (let end = 1; end <= sorted.length; end++) {
    if (end < sorted.length && high[sorted[end]!] === high[sorted[begin]!]) continue;
    if (end - begin > 1) visitRun(sorted.subarray(begin, end), low, visit);
    begin = end;
  }
}

/** Splits texts with equal high halves by the low ones, which are almost always equal too. */
function visitRun(run: Uint32Array, low: Uint32Array, visit: (group: Uint32Array) => void): void {
  const first = low[run[0]!];
  if (!run.every((text) => low[text] === first)) run.sort((a, b) => low[a]! - low[b]! || a - b);
  let begin = 0;
  for (let end = 1; end <= run.length; end++) {
    if (end < run.length && low[run[end]!] === low[run[begin]!]) continue;
    if (end - begin > 1) visit(run.subarray(begin, end));
    begin = end;
  }
}

/** Of fewer texts, going through the 65,536 places of a pass costs more than comparing. */
const fewTexts = 2048;

function sortByHigh(texts: Uint32Array, high: Uint32Array): Uint32Array {
  if (texts.length < fewTexts) return texts.slice().sort((a, b) => high[a]! - high[b]! || a - b);
  const places = new Uint32Array(65536);
  const half = distribute(texts, (text) => high[text]! & 0xffff, places, new Uint32Array(texts.length));
  return distribute(half, (text) => high[text]! >>> 16, places, new Uint32Array(texts.length));
}

/** One pass of the radix sort: into ascending order of the digit, and among equal digits in the given order. */
function distribute(
  texts: Uint32Array,
  digitOf: (text: number) => number,
  places: Uint32Array,
  into: Uint32Array,
): Uint32Array {
  places.fill(0);
  for (let i = 0; i < texts.length; i++) {
    const digit = digitOf(texts[i]!);
    places[digit] = places[digit]! + 1;
  }
  let total = 0;
  for (let digit = 0; digit < places.length; digit++) {
    const count = places[digit]!;
    places[digit] = total;
    total += count;
  }
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i]!;
    const digit = digitOf(text);
    into[places[digit]!] = text;
    places[digit] = places[digit]! + 1;
  }
  return into;
}
