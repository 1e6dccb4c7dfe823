/** Check digits of payment cards and of national ids. All read digits of a compact number (no separators). */

export const digitAt = (compact: string, index: number): number => compact.charCodeAt(index) - 0x30;

/** Σ weights[i] · digit[i], from the first digit on. */
export function weightedSum(compact: string, weights: readonly number[], from = 0): number {
  let sum = 0;
  for (let index = 0; index < weights.length; index++) sum += weights[index]! * digitAt(compact, from + index);
  return sum;
}

/** ISO/IEC 7812-1, annex B: every second digit from the right is doubled. */
export function passesLuhn(compact: string): boolean {
  let sum = 0;
  for (let index = 0; index < compact.length; index++) {
    const value = digitAt(compact, compact.length - 1 - index);
    const doubled = value * 2;
    sum += index % 2 === 0 ? value : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** The rest of a decimal number of any length by a divisor. */
export function remainder(compact: string, divisor: number): number {
  let rest = 0;
  for (let index = 0; index < compact.length; index++) rest = (rest * 10 + digitAt(compact, index)) % divisor;
  return rest;
}

/** ISO/IEC 7064, MOD 11,10. */
export function passesMod11And10(compact: string): boolean {
  let product = 10;
  for (let index = 0; index < compact.length - 1; index++) {
    const sum = (digitAt(compact, index) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (product + digitAt(compact, compact.length - 1)) % 10 === 1;
}

// The dihedral group of order 10 and a permutation of its elements (Verhoeff 1969).
const product = ['0123456789', '1234067895', '2340178956', '3401289567', '4012395678'];
product.push('5987604321', '6598710432', '7659821043', '8765932104', '9876543210');
const permutation = ['0123456789', '1576283094', '5803796142', '8916043527', '9453126870'];
permutation.push('4286573901', '2793806415', '7046913258');

/** Verhoeff's scheme, which finds every wrong digit and every swap of two neighbours. */
export function passesVerhoeff(compact: string): boolean {
  let state = 0;
  for (let index = 0; index < compact.length; index++) {
    const value = digitAt(compact, compact.length - 1 - index);
    state = digitAt(product[state]!, digitAt(permutation[index % 8]!, value));
  }
  return state === 0;
}

/** Whether all characters are the same, as those of a number that somebody made up are. */
export const isOneDigitRepeated = (compact: string): boolean => {
  for (let index = 1; index < compact.length; index++) {
    if (compact.charCodeAt(index) !== compact.charCodeAt(0)) return false;
  }
  return true;
};

const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Whether month and day exist. A 29 February passes in every year: ids with two digits for the year do not tell the
 * century. Today's date plays no part, so that a dataset scanned again gives the same finds.
 */
export const isMonthAndDay = (month: number, day: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth[month - 1]!;

/** Two digits of a compact number as a number. */
export const pairAt = (compact: string, index: number): number =>
  digitAt(compact, index) * 10 + digitAt(compact, index + 1);
