/** By how much more has to be settled until agreement is computed again. */
const growth = 1.05;

/**
 * Whether agreement is to be computed: it takes all answers of the task, so it is looked at once there can be enough,
 * and from then on whenever a twentieth more of the items is settled. Of n items that is about 20 · ln n times.
 *
 * @param before how many items were settled
 * @param after how many are now
 * @param units of how many items agreement is asked for
 */
export function isAgreementDue(before: number, after: number, units: number): boolean {
  if (after <= before || after < units) return false;
  return before < units || stepOf(after) > stepOf(before);
}

/** How often 1 grows by a twentieth until it reaches the count. */
const stepOf = (count: number): number => Math.floor(Math.log(count) / Math.log(growth));
