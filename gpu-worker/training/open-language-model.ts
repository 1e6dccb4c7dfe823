import type { TransformerConfig } from '../../src/protocol/architectures/index.js';
import { countParameters } from '../../src/protocol/count-parameters.js';
import type { RunSpec } from '../../src/protocol/methods/index.js';
import { bytesBeside, rowsOfUpdate, scoringModelsOf } from '../../src/protocol/models-beside.js';
import { type ModelPlan, planLanguageModel } from '../forward/model-plan.js';
import { type LoadedModel, loadManifest, loadModel } from '../models/load-model.js';
import { ProblemError } from '../problem-error.js';
import { checkLength } from './load-training.js';
import { checkMemory, plannedBytes } from './memory-estimate.js';
import type { TrainingTools } from './training-tools.js';

/** A base model whose tokens are to be predicted. Its disposal closes the model's files. */
export interface OpenLanguageModel extends AsyncDisposable {
  readonly plan: ModelPlan;
  readonly base: LoadedModel;
  readonly config: TransformerConfig;
}

/**
 * Opens the base model, and reads what is learned. A training that memory cannot hold is refused before weights and
 * texts are read.
 *
 * @param check throws for a family that does not predict such tokens
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, OUT_OF_MEMORY, TOO_LONG, UNKNOWN_MODULE; what `check` and
 * `read` throw
 */
export async function openLanguageModel<Texts extends object>(
  spec: RunSpec,
  { store, availableBytes }: TrainingTools,
  check: (config: LoadedModel['manifest']['config']) => void,
  read: (base: LoadedModel) => Promise<Texts>,
): Promise<OpenLanguageModel & Texts> {
  const { baseModelDigest, hyperparameters } = spec;
  const manifest = await loadManifest(store, baseModelDigest);
  const { config } = manifest;
  checkLength(spec, manifest);
  check(config);
  const plan = planLanguageModel(manifest, hyperparameters);
  const counts = countParameters(spec, manifest);
  const beside = bytesBeside(spec, counts, {
    reference: await otherReference(spec, store),
    scoring: await modelsOfRewards(spec, store),
  });
  checkMemory(beside + plannedBytes(plan, { ...hyperparameters, batchSize: rowsOfUpdate(spec) }), availableBytes());
  const base = await loadModel(store, baseModelDigest);
  try {
    const texts = await read(base);
    return {
      ...texts,
      plan,
      base,
      config: config as TransformerConfig,
      [Symbol.asyncDispose]: () => base.weights.close(),
    };
  } catch (error) {
    await base.weights.close();
    throw error;
  }
}

/** The reference of a policy where it is another model than the base model. @throws ProblemError as `loadManifest` */
async function otherReference(spec: RunSpec, store: TrainingTools['store']): Promise<LoadedModel['manifest'] | null> {
  if (spec.method !== 'policyOptimization' || spec.referenceDigest === spec.baseModelDigest) return null;
  return loadManifest(store, spec.referenceDigest);
}

/** The models of a policy's rewards, one for each. Of one that is not there `openRewards` tells, with its place. */
async function modelsOfRewards(spec: RunSpec, store: TrainingTools['store']): Promise<LoadedModel['manifest'][]> {
  const manifests: LoadedModel['manifest'][] = [];
  for (const { digest } of scoringModelsOf(spec)) {
    const manifest = await loadManifest(store, digest).catch((error: unknown) => {
      if (error instanceof ProblemError) return null;
      throw error;
    });
    if (manifest !== null) manifests.push(manifest);
  }
  return manifests;
}
