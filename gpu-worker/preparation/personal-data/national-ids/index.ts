import { judgedByContext, wordsPattern } from '../context.js';
import type { Finding } from '../finding.js';
import { compactNumber } from '../number-shapes.js';
import { americanIds } from './americas.js';
import { asianPacificAndAfricanIds } from './asia-pacific-africa.js';
import { northSouthAndEastEuropeanIds } from './europe.js';
import { westEuropeanIds } from './europe-west.js';
import type { NationalId } from './national-id.js';

/**
 * The national ids that are told apart. They are rules of our own rather than a library's: stdnum compares birth dates
 * with today's, so that a scan would change with the day, and makes an error with its stack for each number that fails
 * (20 to 35 µs), which most do. The tests compare every rule with stdnum's.
 */
export const nationalIds: readonly NationalId[] = [
  ...americanIds,
  ...westEuropeanIds,
  ...northSouthAndEastEuropeanIds,
  ...asianPacificAndAfricanIds,
];

const patterns = new Map(nationalIds.map((id) => [id, wordsPattern(id.words)]));

/** Judges what stands in one of an id's forms; `base` is the form's confidence. */
export function judgeNationalId(
  text: string,
  start: number,
  end: number,
  id: NationalId,
  base: number,
  found: Finding[],
): void {
  if (!id.isValid(compactNumber(text, start, end))) return;
  const confidence = judgedByContext(text, start, end, base, patterns.get(id)!);
  found.push({ kind: 'NATIONAL_ID', detail: id.name, start, end, confidence });
}
