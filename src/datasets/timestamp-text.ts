const microsOfDay = 86_400_000_000n;

/** The Gregorian calendar repeats after 400 years, which are 146,097 days. */
const microsOfCycle = 146_097n * microsOfDay;
const yearsOfCycle = 400;

/**
 * A time as ISO 8601 in UTC: as `Date.toISOString` writes it, with six digits of a second where it has microseconds.
 * Any number of 64 bits is a time, also those that a `Date` can not hold (it ends in the year 275760): files have them
 * as marks, such as the largest number for “never”.
 *
 * @param micros microseconds since 1970-01-01
 */
export function timestampText(micros: bigint): string {
  const within = ((micros % microsOfCycle) + microsOfCycle) % microsOfCycle;
  const cycles = Number((micros - within) / microsOfCycle);
  const date = new Date(Number(within / 1000n));
  const year = date.getUTCFullYear() + cycles * yearsOfCycle;
  const afterYear = date.toISOString().slice(4, -1);
  const rest = within % 1000n;
  return `${yearText(year)}${afterYear}${rest === 0n ? '' : String(rest).padStart(3, '0')}Z`;
}

/** Four digits; years beyond have a sign and six digits. */
function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0');
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
}
