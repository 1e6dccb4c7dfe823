/** Quotas that differ by less than this are equal, because sums of decimal fractions are not exact. */
const tolerance = 1e-9;

/**
 * Divides `total` things by fractions (Hamilton's method): each share gets the whole part of its quota, and the rest
 * goes to the largest remainders. O(shares · log shares).
 *
 * @param fractions their sum is 1
 * @param tieOrder for each share a number that decides between equal remainders, lowest first. It should be random:
 * otherwise many small totals would all favour the same share
 * @returns whole numbers that sum to `total`
 */
export function divideByLargestRemainder(
  total: number,
  fractions: readonly number[],
  tieOrder: readonly number[],
): number[] {
  const quotas = fractions.map((fraction) => total * fraction);
  const shares = quotas.map((quota) => Math.floor(quota + tolerance));
  const remainders = quotas.map((quota, index) => quota - shares[index]!);
  const order = fractions.map((_, index) => index);
  order.sort((a, b) => {
    const difference = remainders[b]! - remainders[a]!;
    return Math.abs(difference) > tolerance ? difference : tieOrder[a]! - tieOrder[b]!;
  });
  const left = total - shares.reduce((sum, share) => sum + share, 0);
  for (const index of order.slice(0, left)) shares[index]!++;
  return shares;
}
