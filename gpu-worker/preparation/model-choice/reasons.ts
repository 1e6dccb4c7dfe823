import type { RecommendationReason } from '../../../src/protocol/recommendation/reason.js';
import { percent } from '../wording.js';
import { canNotBeToldFrom, worth } from './compare-models.js';
import type { MeasuredModel } from './measure-model.js';

/** From these shares on, tokens are told of that a vocabulary lacks, and texts that are cut. */
const told = { unknown: 0.01, truncated: 0.05 } as const;

/** A tokenizer that needs this much more than the best is no longer among the most compact. */
const compact = 1.02;

const names = {
  ACCURACY: 'an accuracy',
  LABEL_RANKING: 'a label ranking average precision',
  R2: 'a share of explained variance',
  MEAN_OF_TASKS: 'a mean score of its tasks',
} as const;

/** What the measurements of a model say of it, beside those of all models that are in question: the best first. */
export function evidenceReasons(model: MeasuredModel, all: readonly MeasuredModel[]): RecommendationReason[] {
  return [probeReason(model, all), ...guessing(model), ...transferability(model, all), ...reading(model, all)];
}

function probeReason(model: MeasuredModel, all: readonly MeasuredModel[]): RecommendationReason {
  const best = all.reduce((a, b) => (worth(b) > worth(a) ? b : a));
  const { measure, score, standardError, examples } = model.evidence.probe;
  const own = `Its frozen features reach ${names[measure]} of ${rounded(score)} ± ${rounded(standardError)} on ${examples.toLocaleString('en')} examples that the probe did not see`;
  if (model === best) {
    return { code: 'BEST_PROBE', weight: 'FOR', message: `${own}${all.length === 1 ? '.' : ': the best of all.'}` };
  }
  const difference = rounded(worth(best) - worth(model));
  if (canNotBeToldFrom(model, best)) {
    const message = `${own}: ${difference} behind the best, which is within the error of the difference.`;
    return { code: 'BEST_PROBE', weight: 'FOR', message };
  }
  return { code: 'PROBE', weight: 'AGAINST', message: `${own}: ${difference} behind the best.` };
}

function guessing({ evidence: { probe } }: MeasuredModel): RecommendationReason[] {
  const { score, standardError, baseline, measure } = probe;
  if (baseline === null || score - baseline > standardError) return [];
  const without = measure === 'R2' ? 'the mean' : 'the most frequent labels';
  const message = `That is no better than ${rounded(baseline)}, which ${without} would reach.`;
  return [{ code: 'NO_BETTER_THAN_GUESSING', weight: 'AGAINST', message }];
}

function transferability(model: MeasuredModel, all: readonly MeasuredModel[]): RecommendationReason[] {
  const { logMe } = model.evidence.probe;
  if (logMe === null || all.length === 1) return [];
  const others = all.filter((each) => each !== model).flatMap(({ evidence }) => evidence.probe.logMe ?? []);
  if (others.length === 0 || logMe < Math.max(...others)) return [];
  const message = `LogME, ${rounded(logMe)}, is the highest; the next is ${rounded(Math.max(...others))}.`;
  return [{ code: 'BEST_TRANSFERABILITY', weight: 'FOR', message }];
}

function reading(model: MeasuredModel, all: readonly MeasuredModel[]): RecommendationReason[] {
  const own = model.evidence.reading;
  const { tokensPerWord, unknownShare, truncatedShare, maxLength, percentile95Tokens } = own;
  const reasons: RecommendationReason[] = [];
  const least = Math.min(...all.map(({ evidence }) => evidence.reading.tokensPerWord));
  if (all.length > 1 && tokensPerWord <= compact * least) {
    const message = `It reads ${rounded(tokensPerWord)} tokens for a word, among the fewest.`;
    reasons.push({ code: 'MOST_COMPACT_TOKENS', weight: 'FOR', message });
  }
  if (unknownShare >= told.unknown) {
    const message = `Its vocabulary lacks ${percent(unknownShare)} of the pieces of words.`;
    reasons.push({ code: 'UNKNOWN_TOKENS', weight: 'AGAINST', message });
  }
  if (truncatedShare >= told.truncated) {
    const message = `${percent(truncatedShare)} of the examples are longer than the ${maxLength} tokens that a training would read; 95 % have at most ${Math.round(percentile95Tokens).toLocaleString('en')}.`;
    reasons.push({ code: 'TEXTS_TRUNCATED', weight: 'AGAINST', message });
  }
  return reasons;
}

/** Three digits after the point are as much as samples of a thousand say. */
function rounded(value: number): string {
  return value.toFixed(3);
}
