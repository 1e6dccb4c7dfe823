import type { GenerationSettings } from '../../../src/protocol/generation.js';
import { createRandom } from '../../data/random.js';
import { ProblemError } from '../../problem-error.js';
import type { Chooser, ChosenToken } from '../answer.js';
import { drawFrom } from './draw.js';
import { createWorkspace, keepLikely } from './keep-likely.js';
import { likeliest, logSumExp } from './logits.js';
import { createPenalties } from './penalties.js';

/** A word of the seed: it keeps the noise of sampling apart from other random numbers. */
const stream = 0x746f6b6e;

/** The tokens that may come next, as bits: of token i the bit i mod 32 of the word ⌊i/32⌋. Null: all. */
type TokenMask = () => Uint32Array | null;

/** What a chooser's answer follows. */
export interface ChosenFor {
  readonly promptIds: readonly number[];
  /** Which of the answers to its prompt it is, from 0. */
  readonly sample: number;
  /** Instead of the settings' own. */
  readonly seed?: number;
  readonly mask?: TokenMask;
}

/**
 * Choosers of tokens by one request's settings. The order is transformers': repetition penalty (Keskar et al. 2019,
 * arXiv:1909.05858, section 4.1), OpenAI's presence and frequency penalties, the mask, temperature, top-k (Fan et al.
 * 2018), top-p (Holtzman et al. 2020, arXiv:1904.09751), min-p (Nguyen et al. 2024, arXiv:2407.01082).
 *
 * The noise of a token is a function of (seed, sample, position) alone: an answer does not depend on what is written
 * beside it. It is one uniform number, by which the token is read off the cumulative distribution: a rounding of
 * logits changes the choice only where that number stands at a boundary.
 *
 * A token costs O(V): at V = 50,257 about 0.1 ms for the likeliest, 0.4 to 1 ms for a draw. A chooser's working arrays
 * are shared by all of one call, which may therefore not choose at the same time.
 */
export function createChoosers({
  sampling,
  topLogProbabilities,
}: Pick<GenerationSettings, 'sampling' | 'topLogProbabilities'>): (answer: ChosenFor) => Chooser {
  const { temperature } = sampling;
  let scratch = new Float32Array(0);
  let workspace = createWorkspace(0);

  return ({ promptIds, sample, seed = sampling.seed, mask }) => {
    const penalties = createPenalties(sampling, promptIds);

    /** The logits that the choice is made by: the model's own, or a changed copy. */
    function changed(logits: Float32Array): Float32Array {
      const allowed = mask?.() ?? null;
      if (penalties === null && allowed === null) return logits;
      if (scratch.length !== logits.length) scratch = new Float32Array(logits.length);
      scratch.set(logits);
      penalties?.apply(scratch);
      if (allowed !== null) forbid(scratch, allowed);
      return scratch;
    }

    function drawn(by: Float32Array, position: number): number {
      if (workspace.ids.length !== by.length) workspace = createWorkspace(by.length);
      return drawFrom(keepLikely(by, sampling, workspace), createRandom(seed, stream, sample, position));
    }

    return {
      choose(logits, position): ChosenToken {
        const own = likeliestOfFinite(logits);
        const by = changed(logits);
        const id = temperature === 0 ? (by === logits ? own : likeliestOf(by)) : drawn(by, position);
        penalties?.chose(id);
        if (topLogProbabilities === null) return { id, logProbability: null, top: [] };
        const normalizer = logSumExp(logits, logits[own]!);
        const told = (token: number) => ({ id: token, logProbability: logits[token]! - normalizer });
        return { ...told(id), top: likeliest(logits, topLogProbabilities).map(told) };
      },
    };
  };
}

/**
 * The index of the greatest value, the first of equal ones.
 *
 * @throws RangeError where all are −∞
 */
function likeliestOf(logits: Float32Array): number {
  let best = 0;
  let greatest = logits[0]!;
  for (let id = 1; id < logits.length; id++) {
    if (logits[id]! > greatest) {
      best = id;
      greatest = logits[id]!;
    }
  }
  if (greatest === Number.NEGATIVE_INFINITY) throw new RangeError('no token may come next');
  return best;
}

/**
 * The index of the greatest of a model's own logits.
 *
 * @throws ProblemError NON_FINITE_LOGITS, where one is not finite
 */
function likeliestOfFinite(logits: Float32Array): number {
  let best = 0;
  let greatest = logits[0]!;
  // The sum of finite float32 numbers is finite in float64; any other number stays in it.
  let sum = greatest;
  for (let id = 1; id < logits.length; id++) {
    const value = logits[id]!;
    sum += value;
    if (value > greatest) {
      best = id;
      greatest = value;
    }
  }
  if (Number.isFinite(sum)) return best;
  throw new ProblemError({
    path: ['modelId'],
    code: 'NON_FINITE_LOGITS',
    message: 'the model gives numbers that are not finite, so that no token can be chosen',
    hint: 'Its weights are damaged, or too large for float32: evaluate it, and train it again at a lower rate.',
  });
}

function forbid(logits: Float32Array, allowed: Uint32Array): void {
  for (let word = 0, id = 0; id < logits.length; word++) {
    const bits = allowed[word] ?? 0;
    for (let bit = 0; bit < 32 && id < logits.length; bit++, id++) {
      if (((bits >>> bit) & 1) === 0) logits[id] = Number.NEGATIVE_INFINITY;
    }
  }
}
