import type { FeedbackPolicy, LeftOutReason } from '../../protocol/feedback/dataset-rules.js';

/** Something that people said of a unit, as it goes into a row. */
export interface Outcome {
  readonly category: string;
  /** The share of what was said that it stands for; 1 where it stands for all. */
  readonly weight: number;
  /** How probable it is that it is right; null where the policy does not tell. */
  readonly probability: number | null;
}

export type Decision =
  | {
      readonly outcomes: readonly Outcome[];
      /** The share of the answers that the likeliest or most frequent outcome has; null: there are no answers. */
      readonly agreement: number | null;
    }
  | { readonly leftOut: LeftOutReason };

/** What there is to decide by. */
export interface Evidence {
  /** What each person said, as categories. */
  readonly votes: readonly string[];
  /** What somebody decided; null: nobody did. */
  readonly adjudicated: string | null;
  /** Probabilities of categories, for the policy that asks for them. */
  readonly posterior: ReadonlyMap<string, number> | null;
}

/** The policies under which categories are chosen. */
export type ChoosingPolicy = Exclude<FeedbackPolicy, { readonly kind: 'scale' }>;

/**
 * Decides a unit by a policy. What was adjudicated stands under every policy but `allVotes`, whatever its answers are.
 * Equal evidence gives equal outcomes, in the same order.
 * @param leastAnswers fewer leave the unit out
 * @param leastAgreement a smaller share of the answers leaves it out; null: none does
 */
export function decide(
  { votes, adjudicated, posterior }: Evidence,
  policy: ChoosingPolicy,
  { leastAnswers, leastAgreement }: { readonly leastAnswers: number; readonly leastAgreement: number | null },
): Decision {
  const counts = countsOf(votes);
  const shareOf = (category: string): number | null =>
    votes.length === 0 ? null : (counts.get(category) ?? 0) / votes.length;
  if (adjudicated !== null && policy.kind !== 'allVotes') {
    return { outcomes: [{ category: adjudicated, weight: 1, probability: null }], agreement: shareOf(adjudicated) };
  }
  if (policy.kind === 'adjudicated' && (!policy.undisputed || counts.size !== 1)) return { leftOut: 'NOT_ADJUDICATED' };
  if (votes.length < leastAnswers) return { leftOut: 'TOO_FEW_ANSWERS' };
  const most = Math.max(...counts.values());
  const agreement = most / votes.length;
  const agrees = (share: number): boolean => leastAgreement === null || share >= leastAgreement;
  switch (policy.kind) {
    case 'adjudicated':
      return { agreement, outcomes: [{ category: votes[0]!, weight: 1, probability: null }] };
    case 'majority': {
      const leaders = [...counts].filter(([, count]) => count === most).map(([category]) => category);
      if (leaders.length > 1 && policy.ties === 'DROP') return { leftOut: 'TIED' };
      if (!agrees(agreement)) return { leftOut: 'TOO_LITTLE_AGREEMENT' };
      const weight = 1 / leaders.length;
      return { agreement, outcomes: leaders.map((category) => ({ category, weight, probability: null })) };
    }
    case 'allVotes': {
      if (!agrees(agreement)) return { leftOut: 'TOO_LITTLE_AGREEMENT' };
      const outcomes = [...counts].flatMap(([category, count]) => {
        const outcome = (weight: number): Outcome => ({ category, weight, probability: null });
        return policy.repeated ? Array.from({ length: count }, () => outcome(1)) : [outcome(count / votes.length)];
      });
      return { agreement, outcomes };
    }
    case 'posterior':
    case 'crowdlab': {
      if (posterior === null && policy.kind === 'crowdlab') return { leftOut: 'NOT_PREDICTED' };
      const { category, probability, isTied } = likeliest(posterior ?? new Map<string, number>());
      if (probability < policy.atLeast) return { leftOut: 'NOT_SURE_ENOUGH' };
      if (isTied) return { leftOut: 'TIED' };
      const share = shareOf(category) ?? 0;
      if (!agrees(share)) return { leftOut: 'TOO_LITTLE_AGREEMENT' };
      return { agreement: share, outcomes: [{ category, weight: 1, probability }] };
    }
    default:
      return policy satisfies never;
  }
}

/** How often each category was said, by their names: the order of answers is none of the rows'. */
function countsOf(votes: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const category of [...votes].sort()) counts.set(category, (counts.get(category) ?? 0) + 1);
  return counts;
}

/** Probabilities that differ by less differ by the rounding of sums alone. */
const nearlyEqual = 1e-9;

function likeliest(posterior: ReadonlyMap<string, number>): {
  readonly category: string;
  readonly probability: number;
  /** Whether another one is as likely: then nothing tells which it is. */
  readonly isTied: boolean;
} {
  const [best, next] = [...posterior].sort(([, a], [, b]) => b - a);
  if (best === undefined) throw new RangeError('A unit with answers has no posterior.');
  const isTied = next !== undefined && best[1] - next[1] < nearlyEqual;
  return { category: best[0], probability: best[1], isTied };
}
