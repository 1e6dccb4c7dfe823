import { type PreferenceObjective, sftWeightOf } from '../../../src/protocol/preference-objective.js';
import { exampleCount } from '../../data/preference-examples.js';
import type { CompiledForward, Engine, ParameterStore } from '../../engine/types.js';
import type { TokenScorer } from '../../forward/score-tokens.js';
import { type ExampleSums, sumsOfAll } from './example-sums.js';
import { feedSums, sumInputs } from './preference-feeds.js';
import { exampleLosses } from './preference-loss.js';
import { type PreferenceScores, scorePreferences } from './preference-measures.js';
import { type PreferenceTexts, textsOf, widthOf } from './preference-texts.js';
import { type ScoredTexts, scoreTexts } from './reference-scores.js';

/** Examples whose losses are computed together. */
const examplesTogether = 256;

/** What a model is measured to do with a split's preferences. */
interface MeasuredPreferences {
  readonly scores: PreferenceScores;
  readonly loss: number;
  /** Of all examples. */
  readonly sums: readonly ExampleSums[];
}

/** Measures a split with the parameters that a store has at the time. */
export interface PreferenceMeasurer {
  measure(onBatch: () => void): Promise<MeasuredPreferences>;
  release(): Promise<void>;
}

/**
 * Opens the measuring of a split: rewards, and the loss that is learned, whose graph is compiled when it is first
 * needed.
 * @param scorer of the same parameters
 * @param reference null where the objective has none
 */
export function preferenceMeasurer(
  engine: Engine,
  parameters: ParameterStore,
  objective: PreferenceObjective,
  texts: PreferenceTexts,
  scorer: TokenScorer,
  reference: ScoredTexts | null,
): PreferenceMeasurer {
  const W = widthOf(texts.examples);
  const count = exampleCount(texts.examples);
  const B = Math.min(examplesTogether, count);
  let compiled: Promise<CompiledForward> | null = null;
  const compile = () =>
    engine.compileForward(
      parameters,
      { sums: { shape: [W * B], dtype: 'float32' }, ...sumInputs(W, B) },
      (_, { sums, ...inputs }) => ({ losses: exampleLosses(objective, sums!, inputs, B) }),
    );
  return {
    async measure(onBatch) {
      compiled ??= compile();
      const graph = await compiled;
      const policy = await scoreTexts(scorer, texts, onBatch);
      const sums = sumsOfAll(texts, objective, policy.texts, reference?.texts ?? null);
      const baseline = baselineOf(policy.mismatched, reference?.mismatched ?? null, texts.mismatched);
      let loss = 0;
      for (let first = 0; first < count; first += B) {
        const chosen = Int32Array.from({ length: Math.min(B, count - first) }, (_, index) => first + index);
        const ofBatch = sums.slice(first, first + B);
        const fed = new Float32Array(W * B);
        for (const [index, { policy }] of ofBatch.entries()) {
          for (const [side, sum] of policy.entries()) fed[side * B + index] = sum;
        }
        const feeds = { sums: fed, ...feedSums(texts, chosen, B, ofBatch, 1, baseline) };
        const { losses } = await graph.run(feeds);
        for (const index of chosen.keys()) loss += losses![index]! / count;
      }
      return {
        sums,
        scores: scorePreferences(objective, sums, areGoodOf(texts)),
        loss: loss + sftWeightOf(objective) * tokenLoss(texts, policy.texts),
      };
    },
    release: async () => (await compiled)?.release(),
  };
}

/** Mean −ln p of the targets of all better answers, in nats. */
function tokenLoss({ examples, starts }: PreferenceTexts, policy: Float32Array): number {
  let [nats, tokens] = [0, 0];
  for (let example = 0; example < exampleCount(examples); example++) {
    const [better] = textsOf(examples, example);
    for (let target = starts[better!]!; target < starts[better! + 1]!; target++) {
      nats -= policy[target]!;
      tokens += 1;
    }
  }
  return nats / Math.max(1, tokens);
}

/** Whether each single answer is good; null of pairs. @param chosen some of the examples; absent: all */
export function areGoodOf({ examples }: PreferenceTexts, chosen?: readonly number[]): boolean[] | null {
  if (examples.kind === 'pairs') return null;
  const { areGood } = examples;
  return (chosen ?? Array.from(areGood.keys())).map((example) => areGood[example] === 1);
}

/**
 * KTO's z₀: the mean log-ratio of mismatched answers, at least 0; 0 where the objective does not compare with them.
 * @param rows whose targets both are of
 */
export function baselineOf(
  policy: Float32Array | null,
  reference: Float32Array | null,
  rows: { readonly lengths: Int32Array } | null,
): number {
  if (policy === null || reference === null || rows === null) return 0;
  const sum = policy.reduce((total, value, target) => total + value - reference[target]!, 0);
  return Math.max(0, sum / Math.max(1, rows.lengths.length));
}

/** The sums of `ExampleSums` of reference alone, which do not change while the model learns. */
export function referenceSums(
  texts: PreferenceTexts,
  objective: PreferenceObjective,
  reference: ScoredTexts | null,
): readonly Pick<ExampleSums, 'reference'>[] {
  const values = reference?.texts ?? null;
  const nothing = new Float32Array(texts.starts.at(-1)!);
  return sumsOfAll(texts, objective, values ?? nothing, values);
}
