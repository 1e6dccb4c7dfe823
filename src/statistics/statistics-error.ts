/** What is wrong with what a statistic is asked of. */
export type StatisticsErrorCode =
  | 'UNKNOWN_LABEL'
  | 'REPEATED_LABEL'
  | 'NOT_A_NUMBER'
  | 'OUT_OF_RANGE'
  | 'UNKNOWN_NAME'
  | 'UNEQUAL_LENGTHS';

/**
 * The input of a statistic is wrong, which is another thing than a statistic that is not defined for good input: that
 * is a value of null with a reason.
 */
export class StatisticsError extends Error {
  override readonly name = 'StatisticsError';

  /** @param path what of the input is wrong, such as `answers[3].label` */
  constructor(
    readonly code: StatisticsErrorCode,
    readonly path: string,
    message: string,
  ) {
    super(`${path}: ${message}`);
  }
}

/** Checks that a number lies in a range, both ends included. */
export function requireNumber(path: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new StatisticsError('OUT_OF_RANGE', path, `${value} is not a number from ${least} to ${most}.`);
}

/** Checks that a number is whole and at least a lower bound. */
export function requireCount(path: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new StatisticsError('OUT_OF_RANGE', path, `${value} is not a whole number of at least ${least}.`);
}
