const msOfMinute = 60_000;
/** From 0 on, a year has four digits until the end of 9999. */
const mostMs = Date.UTC(10_000, 0) - 1;

let minute = -1;
/** Of that minute, up to its seconds. */
let beginning = '';

/**
 * The JSON text of a moment, as `toISOString` writes it; null where that has another form, or none. A series has
 * thousands of moments, most within the same minutes: the date is written once for each.
 * @param ms since 1970
 */
export function momentText(ms: number): string | null {
  if (!(ms >= 0 && ms <= mostMs)) return null;
  const own = Math.floor(ms / msOfMinute);
  if (own !== minute) {
    beginning = `"${new Date(own * msOfMinute).toISOString().slice(0, 17)}`;
    minute = own;
  }
  const rest = ms - own * msOfMinute;
  return beginning + seconds[Math.floor(rest / 1000)]! + thousandths[rest % 1000]!;
}

const seconds = Array.from({ length: 60 }, (_, second) => `${String(second).padStart(2, '0')}.`);
const thousandths = Array.from({ length: 1000 }, (_, ms) => `${String(ms).padStart(3, '0')}Z"`);
