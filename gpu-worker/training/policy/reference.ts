import type { PolicyOptimizationSpec } from '../../../src/protocol/methods/policy-optimization.js';
import { isDecoder } from '../../architectures/encoder-run.js';
import type { Engine } from '../../engine/types.js';
import { fillParameters } from '../../forward/initial-values.js';
import { languageReading } from '../../forward/language-reading.js';
import { planLanguageModel, plannedParameters } from '../../forward/model-plan.js';
import { openTokenScorer, type TokenScorer, type TokenScorerOptions } from '../../forward/score-tokens.js';
import { loadModel } from '../../models/load-model.js';
import { ProblemError } from '../../problem-error.js';
import type { TrainingTools } from '../training-tools.js';
import type { PolicyInput } from './load-prompts.js';

/**
 * Opens the model that the policy's divergence is measured from: a model of its own, by its digest, and not the policy
 * with an adapter turned off, which is another model where the base has an adapter itself.
 *
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, INVALID_VALUE (it is no decoder), DIFFERENT_TOKENIZERS
 */
export async function openReference(
  { engine, store }: Pick<TrainingTools, 'engine' | 'store'>,
  { base }: Pick<PolicyInput, 'base'>,
  { baseModelDigest, referenceDigest }: Pick<PolicyOptimizationSpec, 'baseModelDigest' | 'referenceDigest'>,
  options: TokenScorerOptions,
): Promise<TokenScorer> {
  if (referenceDigest === baseModelDigest) return scorerOf(engine, base, options);
  const other = await loadModel(store, referenceDigest);
  try {
    if (other.manifest.tokenizer.digest !== base.manifest.tokenizer.digest) throw otherTokenizer();
    return await scorerOf(engine, other, options);
  } finally {
    await other.weights.close();
  }
}

async function scorerOf(
  engine: Engine,
  { manifest, weights }: PolicyInput['base'],
  options: TokenScorerOptions,
): Promise<TokenScorer> {
  const { config } = manifest;
  if (!isDecoder(config)) throw noDecoder();
  const plan = planLanguageModel(manifest, { dropout: 0, freeze: { kind: 'encoder' }, adapter: null });
  const parameters = engine.createParameters(plannedParameters(plan).map((spec) => ({ ...spec, trainable: false })));
  await fillParameters(parameters, weights, new Map());
  const scorer = openTokenScorer(engine, parameters, languageReading(config, plan), options);
  return {
    score: scorer.score,
    async release() {
      await scorer.release();
      parameters.release();
    },
  };
}

const problemAt = { path: ['method', 'policyOptimization', 'referenceModelId'] };

function noDecoder(): ProblemError {
  return new ProblemError({
    ...problemAt,
    code: 'INVALID_VALUE',
    message: 'the reference model is no decoder: it gives the tokens of a completion no probabilities',
    hint: 'Choose the base model, or one that was trained from it.',
  });
}

/** Probabilities of tokens can only be compared where both models read the same tokens. */
function otherTokenizer(): ProblemError {
  return new ProblemError({
    ...problemAt,
    code: 'DIFFERENT_TOKENIZERS',
    message: 'the reference model has another tokenizer than the base model: their probabilities can not be compared',
    hint: 'Choose the base model itself as the reference, or a model that was trained from it.',
  });
}
