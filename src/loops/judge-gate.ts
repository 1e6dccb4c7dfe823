import { directionOf, type ScoreMeasure } from '../evaluations/score-measure.js';
import type { LoopGate, LoopVerdict, VerdictReason } from './loop.js';

type Figures = Omit<LoopVerdict, 'passed' | 'reason'>;

/** 0.78 is within 0.02 of 0.8, though their difference as numbers of 64 bits is a little more. */
const rounding = 1e-9;

/**
 * Whether a round's model becomes the loop's, by the figures alone.
 *
 * NOT_WORSE compares the scores: it may be worse than the former one by the margin, in the measure's unit. Where people
 * judge, their win rate may fall below ½ by the margin. BETTER takes more wins than losses, and a
 * p-value of the exact sign test up to the significance; so it tells nothing from few rows, and keeps the former model.
 * @param figures `hasFormer`: whether there is a model to compare with; without one, the first model passes.
 *   `isJudged`: whether people judge
 */
export function judgeGate(
  gate: LoopGate,
  { hasFormer, isJudged, ...figures }: Figures & { readonly hasFormer: boolean; readonly isJudged: boolean },
): LoopVerdict {
  const reason = perplexityIsTooHigh(gate, figures)
    ? 'PERPLEXITY_TOO_HIGH'
    : preferencesFell(gate, figures)
      ? 'PREFERENCES_WORSE'
      : hasFormer
        ? compare(gate, figures, isJudged)
        : 'FIRST';
  return { passed: reason === 'FIRST' || reason === 'NOT_WORSE' || reason === 'BETTER', reason, ...figures };
}

function compare(gate: LoopGate, { scores, againstCurrent }: Figures, isJudged: boolean): VerdictReason {
  if (gate.rule === 'BETTER') {
    if (againstCurrent === null) return 'NOT_COMPARABLE';
    const { wins, losses, p } = againstCurrent;
    return wins > losses && p !== null && p <= gate.significance ? 'BETTER' : 'NOT_BETTER';
  }
  if (isJudged) {
    if (againstCurrent === null) return 'NOT_COMPARABLE';
    return againstCurrent.rate >= 0.5 - gate.margin - rounding ? 'NOT_WORSE' : 'WORSE';
  }
  const { candidate, current } = scores;
  if (candidate === null || current === null) return 'NOT_COMPARABLE';
  const sign = directionOf(gate.measure as ScoreMeasure) === 'LOWER_IS_BETTER' ? -1 : 1;
  return sign * (candidate - current) >= -gate.margin - rounding ? 'NOT_WORSE' : 'WORSE';
}

function preferencesFell({ maxPreferenceDrop }: LoopGate, { preferenceAccuracy }: Figures): boolean {
  const { candidate, current } = preferenceAccuracy;
  if (maxPreferenceDrop === null || candidate === null || current === null) return false;
  return candidate < current - maxPreferenceDrop - rounding;
}

function perplexityIsTooHigh({ maxPerplexityRatio }: LoopGate, { perplexity }: Figures): boolean {
  const { candidate, start } = perplexity;
  if (maxPerplexityRatio === null || candidate === null || start === null) return false;
  return !(candidate <= maxPerplexityRatio * start);
}
