import { comparisonsOf } from './comparisons.js';
import type { Judgements, Preferences } from './preferences.js';

/** Examples that a model learns preferences from, as numbers of texts. */
export type PreferenceExamples =
  | {
      readonly kind: 'pairs';
      /** [2N] the better answer of pair i is texts[2i], the other texts[2i+1]. */
      readonly texts: Int32Array;
      /** [N] how likely the better one is better; 1 where nothing is said. */
      readonly certainties: Float32Array;
      /** [N] by how much it is better; 0 where nothing is said. */
      readonly strengths: Float32Array;
    }
  | {
      readonly kind: 'answers';
      /** [N] */
      readonly texts: Int32Array;
      /** [N] 1 of a good answer, else 0. */
      readonly areGood: Uint8Array;
    };

/**
 * Pairs of judged answers (see `comparisonsOf`). Thumbs make none: they are of answers to different prompts.
 *
 * @throws ProblemError TOO_LARGE
 */
export function pairedExamples({
  judgements,
  prompts,
}: Pick<Preferences, 'judgements' | 'prompts'>): PreferenceExamples {
  if (judgements.kind === 'thumbs') {
    return { kind: 'pairs', texts: new Int32Array(), certainties: new Float32Array(), strengths: new Float32Array() };
  }
  const { pairs, shares, strengths } = comparisonsOf({ judgements, prompts }, 'pairs');
  return {
    kind: 'pairs',
    texts: pairs,
    certainties: shares,
    strengths: Float32Array.from(strengths, (said) => (Number.isNaN(said) ? 0 : said)),
  };
}

/**
 * Answers that are good or bad by themselves: those with thumbs, or of pairs the better one as good and the other as
 * bad. Ratings say of no answer that it is either.
 */
export function singleExamples(judgements: Judgements): PreferenceExamples {
  switch (judgements.kind) {
    case 'pairs': {
      const areGood = Uint8Array.from(judgements.pairs, (_, index) => (index % 2 === 0 ? 1 : 0));
      return { kind: 'answers', texts: judgements.pairs, areGood };
    }
    case 'rated':
      return { kind: 'answers', texts: new Int32Array(), areGood: new Uint8Array() };
    case 'thumbs': {
      const texts = Int32Array.from(judgements.areGood.keys());
      return { kind: 'answers', texts, areGood: judgements.areGood };
    }
    default:
      return judgements satisfies never;
  }
}

/** How many examples there are. */
export function exampleCount({ kind, texts }: PreferenceExamples): number {
  return kind === 'pairs' ? texts.length / 2 : texts.length;
}
