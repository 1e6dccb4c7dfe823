/**
 * The numbers that may be written: from `min` to `max`, whole multiples of `step`, all in units of 10^−14 of number.
 */
export interface Numeral {
  /** Whether no fraction is written. */
  readonly isInteger: boolean;
  /** Null: no bound. */
  readonly min: bigint | null;
  readonly max: bigint | null;
  readonly step: bigint;
}

/**
 * Digits after the point at most, and in all: any two numbers of 15 digits are two numbers of float64, in their order.
 */
const mostFraction = 14;
const mostDigits = 15;
const one = 10n ** BigInt(mostFraction);

/** The numeral between two numbers of JSON. Bounds that fewer digits can not express are narrowed. */
export function numeralBetween(
  isInteger: boolean,
  min: { readonly value: number; readonly isExclusive: boolean } | null,
  max: { readonly value: number; readonly isExclusive: boolean } | null,
  multipleOf: number | null,
): Numeral {
  const step = isInteger ? one * BigInt(multipleOf ?? 1) : 1n;
  return {
    isInteger,
    min: min === null ? null : inUnits(min.value, 1n) + (min.isExclusive ? 1n : 0n),
    max: max === null ? null : inUnits(max.value, -1n) - (max.isExclusive ? 1n : 0n),
    step,
  };
}

/** @param towards 1n: the least number of units that is not below the value; −1n: the greatest that is not above it */
function inUnits(value: number, towards: 1n | -1n): bigint {
  const [digits = '0', exponent = '0'] = value.toExponential().split('e');
  const [whole = '0', fraction = ''] = digits.split('.');
  const places = Number(exponent) - fraction.length + mostFraction;
  const number = BigInt(whole + fraction);
  if (places >= 0) return number * 10n ** BigInt(places);
  const divisor = 10n ** BigInt(-places);
  return towards === 1n ? ceilDivide(number, divisor) : -ceilDivide(-number, divisor);
}

function ceilDivide(a: bigint, b: bigint): bigint {
  return a / b + (a % b > 0n ? 1n : 0n);
}

/** Whether what is written is a number that may stand there. */
export function numeralEnds(numeral: Numeral, written: string): boolean {
  if (!/\d$/.test(written)) return false;
  // Of all that begins so, the number nearest to 0 is the one that is written.
  const [least, greatest] = asInterval(written, 0);
  const value = written.startsWith('-') ? greatest : least;
  return within(numeral, value, value, numeral.step);
}

/** What is written with one more character; null where no such number begins so. */
export function nextNumeral(numeral: Numeral, written: string, character: string): string | null {
  const longer = written + character;
  const form = numeral.isInteger ? /^-?(0|[1-9]\d*)?$/ : /^-?((0|[1-9]\d*)(\.\d*)?)?$/;
  if (!form.test(longer)) return null;
  const digits = longer.replace(/\D/g, '').length;
  const fraction = longer.split('.')[1]?.length ?? 0;
  if (digits > mostDigits || fraction > mostFraction) return null;
  return mayBeCompleted(numeral, longer) ? longer : null;
}

function mayBeCompleted(numeral: Numeral, written: string): boolean {
  if (written === '-') {
    const all = one * 10n ** BigInt(mostDigits);
    return within(numeral, -all, 0n, numeral.step);
  }
  const digits = written.replace(/\D/g, '').length;
  const hasPoint = written.includes('.');
  if (hasPoint) {
    const places = Math.min(mostFraction, mostDigits - wholeDigits(written));
    if (places < 1) return false;
    return within(numeral, ...asInterval(written, 0), 10n ** BigInt(mostFraction - places));
  }
  // So many more digits before the point, and then a fraction.
  const mostMore = /^-?0$/.test(written) ? 0 : mostDigits - digits;
  for (let more = 0; more <= mostMore; more++) {
    const places = numeral.isInteger ? 0 : Math.min(mostFraction, mostDigits - digits - more);
    const step = numeral.isInteger ? numeral.step : 10n ** BigInt(mostFraction - places);
    if (within(numeral, ...asInterval(written, more), step)) return true;
  }
  return false;
}

function wholeDigits(written: string): number {
  return written.split('.')[0]!.replace('-', '').length;
}

/**
 * The least and the greatest number, in units, that begins with what is written: after `more` more digits before the
 * point, or any after it.
 */
function asInterval(written: string, more: number): [bigint, bigint] {
  const isNegative = written.startsWith('-');
  const [whole = '', fraction] = written.replace('-', '').split('.');
  const unit = fraction === undefined ? one * 10n ** BigInt(more) : 10n ** BigInt(mostFraction - fraction.length);
  const least = BigInt(whole + (fraction ?? '')) * unit;
  const greatest = least + unit - 1n;
  return isNegative ? [-greatest, -least] : [least, greatest];
}

/** Whether a multiple of `step` is in both intervals. */
function within({ min, max }: Numeral, least: bigint, greatest: bigint, step: bigint): boolean {
  const from = min === null || min < least ? least : min;
  const to = max === null || max > greatest ? greatest : max;
  return ceilDivide(from, step) * step <= to;
}
