import { type BootstrapInterval, type BootstrapOptions, bootstrapInterval, withoutInterval } from '../bootstrap.js';

/** Why a coefficient has no value. */
export const agreementReasons = {
  NO_ANSWERS: 'There are no answers.',
  FEWER_THAN_TWO_ANNOTATORS: 'Fewer than two people answered.',
  NO_UNIT_WITH_TWO_ANSWERS: 'No unit was answered by two people, so that nothing can be compared.',
  UNEQUAL_NUMBERS: "Units have different numbers of answers; Fleiss' kappa needs the same number for each.",
  ALL_ANSWERS_EQUAL:
    'All answers that can be compared are equal: chance alone would agree as often, and nothing can be said of more.',
} as const;
export type AgreementReason = keyof typeof agreementReasons;

/** A coefficient of agreement, or why it has no value: then never 0 or 1 in its place. */
export type Agreement = {
  /** Units that count: those with at least two answers. */
  readonly unitCount: number;
  /** Of the value, if other units of the kind had been answered. */
  readonly interval: BootstrapInterval;
} & (
  | { readonly value: number; readonly reason: null; readonly text: null }
  | { readonly value: null; readonly reason: AgreementReason; readonly text: string }
);

/** A coefficient without a value. */
export function undefinedAgreement(reason: AgreementReason, unitCount: number): Agreement {
  return { value: null, reason, text: agreementReasons[reason], unitCount, interval: withoutInterval('NO_VALUE') };
}

/**
 * A coefficient of all units, and its interval over samples of units.
 *
 * @param counts [kinds] units of each kind
 * @param statistic of counts [kinds]; null where the answers that count are equal
 */
export function estimateAgreement(
  counts: ArrayLike<number>,
  unitCount: number,
  statistic: (counts: ArrayLike<number>) => number | null,
  options: BootstrapOptions,
): Agreement {
  const value = statistic(counts);
  if (value === null) return undefinedAgreement('ALL_ANSWERS_EQUAL', unitCount);
  return agreementOf(value, unitCount, bootstrapInterval(counts, statistic, options));
}

/** A coefficient with its interval; null where the answers that count are equal. */
export function agreementOf(value: number | null, unitCount: number, interval: BootstrapInterval): Agreement {
  if (value === null) return undefinedAgreement('ALL_ANSWERS_EQUAL', unitCount);
  return { value, reason: null, text: null, unitCount, interval };
}
