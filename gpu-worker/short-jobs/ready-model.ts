import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Tokenizer } from '../../src/tokenizer/index.js';
import type { Engine, ParameterStore } from '../engine/types.js';
import type { BatchForward } from '../forward/batch-forward.js';
import { compileClassifier } from '../forward/classify.js';
import { type ExampleSource, pooledOutput } from '../forward/example-source.js';
import { fillParameters } from '../forward/initial-values.js';
import { type ModelPlan, planModel, plannedParameters } from '../forward/model-plan.js';
import { invalidModel } from '../models/invalid-model.js';
import { loadModel } from '../models/load-model.js';
import { ProblemError } from '../problem-error.js';

/** A model with heads in memory, and the graphs compiled for it so far. */
export interface ReadyModel {
  readonly manifest: ModelManifest;
  readonly tokenizer: Tokenizer;
  /** Tokens a text is cut to: as in training, else as many as the model reads. */
  readonly maxLength: number;
  /** Forward passes of batches of single texts or, with those inputs, of pairs; output `<task>`: logits [B,C]. */
  classifier(inputs: ExampleSource['inputs']): BatchForward;
  /** Memory it takes now: the weights, and the copy each graph has of them. */
  bytes(): number;
  release(): Promise<void>;
}

/** Reads a model for predictions, its adapter merged. Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL, NO_HEAD. */
export async function openModel(engine: Engine, store: ArtifactStore, digest: string): Promise<ReadyModel> {
  const { manifest, tokenizer, weights } = await loadModel(store, digest);
  try {
    const { pooling, heads } = manifest;
    if (heads.length === 0) throw noHead();
    const plan = planModel(manifest, heads, { pooling, dropout: 0, freeze: { kind: 'encoder' }, adapter: null });
    if (plan.freshPooler.length > 0) throw invalidModel('its heads read through a pooler that it lacks');
    // Nothing is trained: weights that products read are constants of the graphs.
    const parameters = engine.createParameters(plannedParameters(plan).map((spec) => ({ ...spec, trainable: false })));
    await fillParameters(parameters, weights, new Map());
    return readyModel(engine, plan, parameters, tokenizer);
  } finally {
    await weights.close();
  }
}

function readyModel(engine: Engine, plan: ModelPlan, parameters: ParameterStore, tokenizer: Tokenizer): ReadyModel {
  const { base: manifest, heads } = plan;
  const pooledOf = pooledOutput(plan.reading);
  const classifiers = new Map<string, BatchForward>();
  return {
    manifest,
    tokenizer,
    maxLength: manifest.maxLength ?? manifest.contextLength,
    classifier(inputs) {
      const kind = Object.keys(inputs(1, 1)).join();
      const options = { config: manifest.config, inputs, frozen: true };
      const found = classifiers.get(kind) ?? compileClassifier(engine, parameters, heads, pooledOf, options);
      classifiers.set(kind, found);
      return found;
    },
    bytes() {
      const graphs = [...classifiers.values()].reduce((count, { graphs }) => count + graphs, 0);
      return manifest.weights.sizeBytes * (1 + graphs);
    },
    async release() {
      for (const classifier of classifiers.values()) await classifier.release();
      parameters.release();
    },
  };
}

function noHead(): ProblemError {
  return new ProblemError({
    path: ['modelId'],
    code: 'NO_HEAD',
    message: 'the model has no classification head: it gives no labels',
    hint: 'Train one first: an experiment that starts from this model produces one that has.',
  });
}
