import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import type { TokenRows } from '../../data/token-sequences.js';
import type { Engine, ParameterStore } from '../../engine/types.js';
import { fillParameters } from '../../forward/initial-values.js';
import { languageReading } from '../../forward/language-reading.js';
import { planLanguageModel, plannedParameters } from '../../forward/model-plan.js';
import type { LanguageReading } from '../../forward/score-rows.js';
import { openTokenScorer, type TokenScorer } from '../../forward/score-tokens.js';
import { type LoadedModel, loadManifest, loadModel } from '../../models/load-model.js';
import { ProblemError } from '../../problem-error.js';
import type { TrainingTools } from '../training-tools.js';
import { type PreferenceTexts, scoredRows } from './preference-texts.js';

/** Tokens of a batch; rows are few where texts are long. */
const tokensPerBatch = 2048;
const mostRows = 32;

/** Log-probabilities of all targets of some texts, by one model. */
export interface ScoredTexts {
  /** Of the texts' targets, in their order. */
  readonly texts: Float32Array;
  /** Of the same prompts with answers of others; null where the objective does not compare with them. */
  readonly mismatched: Float32Array | null;
}

/** Opens the scorer of some texts with the parameters that a store has at the time. */
export function preferenceScorer(
  engine: Engine,
  parameters: ParameterStore,
  reading: LanguageReading,
  all: readonly PreferenceTexts[],
): TokenScorer {
  return scorerOfRows(engine, parameters, reading, scoredRows(all));
}

function scorerOfRows(
  engine: Engine,
  parameters: ParameterStore,
  reading: LanguageReading,
  rows: readonly TokenRows[],
): TokenScorer {
  const most = (of: (row: (typeof rows)[number]) => Int32Array) =>
    rows.reduce((outer, each) => of(each).reduce((longest, value) => Math.max(longest, value), outer), 1);
  const longest = most(({ lengths }) => lengths);
  const batchSize = Math.max(1, Math.min(mostRows, Math.floor(tokensPerBatch / longest)));
  return openTokenScorer(engine, parameters, reading, { batchSize, mostTargets: most((each) => each.targetCounts) });
}

export async function scoreTexts(
  scorer: TokenScorer,
  { rows, mismatched }: PreferenceTexts,
  onBatch: () => void,
): Promise<ScoredTexts> {
  return {
    texts: await scorer.score(rows, onBatch),
    mismatched: mismatched === null ? null : await scorer.score(mismatched, onBatch),
  };
}

/**
 * Scores the targets of rows by another model than the one that is trained, which is gone when it is done.
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, INVALID_VALUE
 */
export async function scoreByStored(
  { engine, store }: Pick<TrainingTools, 'engine' | 'store'>,
  digest: string,
  all: readonly TokenRows[],
  onBatch: () => void,
): Promise<Float32Array[]> {
  const model = await loadModel(store, digest);
  try {
    return await scoreByModel(engine, model, all, onBatch);
  } finally {
    await model.weights.close();
  }
}

/** Scores the targets of rows by a model as it is stored. @throws ProblemError INVALID_MODEL, INVALID_VALUE */
export async function scoreByModel(
  engine: Engine,
  { manifest, weights }: LoadedModel,
  all: readonly TokenRows[],
  onBatch: () => void,
): Promise<Float32Array[]> {
  const plan = planLanguageModel(manifest, { dropout: 0, freeze: { kind: 'encoder' }, adapter: null });
  const specs = plannedParameters(plan).map((spec) => ({ ...spec, trainable: false }));
  const parameters = engine.createParameters(specs);
  try {
    await fillParameters(parameters, weights, new Map());
    const reading = languageReading(manifest.config as TransformerConfig, plan);
    return await scoreRows(engine, parameters, reading, all, onBatch);
  } finally {
    parameters.release();
  }
}

/**
 * Scores the targets of rows with the parameters of a store, those of each by a graph of its own: what a text is given
 * does not depend on what else is scored.
 */
export async function scoreRows(
  engine: Engine,
  parameters: ParameterStore,
  reading: LanguageReading,
  all: readonly TokenRows[],
  onBatch: () => void,
): Promise<Float32Array[]> {
  const scored = [];
  for (const rows of all) {
    const scorer = scorerOfRows(engine, parameters, reading, [rows]);
    try {
      scored.push(await scorer.score(rows, onBatch));
    } finally {
      await scorer.release();
    }
  }
  return scored;
}

/**
 * Probabilities of tokens can only be compared where both models read the same tokens.
 * @param path of the reference in the input
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, DIFFERENT_TOKENIZERS
 */
export async function requireSameTokens(
  store: TrainingTools['store'],
  referenceDigest: string,
  { manifest }: Pick<LoadedModel, 'manifest'>,
  path: readonly string[] = ['method', 'preferenceOptimization', 'referenceModelId'],
): Promise<void> {
  const reference = { manifest: await loadManifest(store, referenceDigest) };
  if (reference.manifest.tokenizer.digest === manifest.tokenizer.digest) return;
  throw new ProblemError({
    path: [...path],
    code: 'DIFFERENT_TOKENIZERS',
    message: 'the reference model has another tokenizer than the model itself: their probabilities can not be compared',
    hint: 'Choose the model that it was trained from as the reference, or another one that was trained from that.',
  });
}
