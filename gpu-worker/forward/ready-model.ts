import type { AnswerReading } from '../../src/conversations/index.js';
import { rewardHeadOf } from '../../src/protocol/heads.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Tokenizer } from '../../src/tokenizer/index.js';
import type { Engine, ParameterStore } from '../engine/types.js';
import { headOf } from '../heads/index.js';
import { answerReadingOf } from '../models/answer-reading.js';
import { invalidModel } from '../models/invalid-model.js';
import { loadModel } from '../models/load-model.js';
import { ProblemError } from '../problem-error.js';
import type { BatchForward } from './batch-forward.js';
import { type ExampleSource, readHeadInputs } from './example-source.js';
import { fillParameters } from './initial-values.js';
import { type ModelPlan, planModel, plannedParameters } from './model-plan.js';
import { compileHeads } from './run-heads.js';

/** A model with heads in memory, and the graphs compiled for it so far. */
export interface ReadyModel {
  readonly manifest: ModelManifest;
  readonly tokenizer: Tokenizer;
  /** Tokens a text is cut to: as in training, else as many as the model reads. */
  readonly maxLength: number;
  /** How a reward model reads a prompt with an answer; null of other models. */
  readonly answers: AnswerReading | null;
  /** The forward pass for `runHeads` over batches with these inputs: those of single texts, or those of pairs. */
  forward(inputs: ExampleSource['inputs']): BatchForward;
  /** Bytes of memory that the model takes now: the weights, and the copy that each graph has of them. */
  bytes(): number;
  release(): Promise<void>;
}

/** Reads a model for predictions, its adapter merged. Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL, NO_HEAD. */
export async function openModel(engine: Engine, store: ArtifactStore, digest: string): Promise<ReadyModel> {
  const { manifest, tokenizer, weights } = await loadModel(store, digest);
  try {
    const answers = await answersOf({ manifest, tokenizer }, store);
    const { pooling, heads } = manifest;
    if (heads.length === 0) throw noHead();
    const plan = planModel(manifest, heads.map(headOf), {
      pooling,
      dropout: 0,
      freeze: { kind: 'encoder' },
      adapter: null,
    });
    if (plan.freshPooler.length > 0)
      throw invalidModel('its heads read the output of a pooler, and its weights have no pooler');
    // No parameter is trainable, so that the weights in matrix products become constants of the graphs.
    const parameters = engine.createParameters(plannedParameters(plan).map((spec) => ({ ...spec, trainable: false })));
    await fillParameters(parameters, weights, new Map());
    return readyModel(engine, plan, parameters, tokenizer, answers);
  } finally {
    await weights.close();
  }
}

async function answersOf(
  model: Pick<ReadyModel, 'manifest' | 'tokenizer'>,
  store: ArtifactStore,
): Promise<AnswerReading | null> {
  const { manifest } = model;
  const head = rewardHeadOf(manifest);
  if (head === null) return null;
  const { truncationSide, maxLength, contextLength } = manifest;
  const templateTime = head.templateTime ?? new Date().toISOString();
  const length = { maxLength: maxLength ?? contextLength, truncationSide };
  const reading = await answerReadingOf(model, store, { chatTemplate: null, templateTime }, length);
  const { config } = manifest;
  if (reading.kind !== 'written' || head.looksPastPadding !== true || !('padTokenId' in config)) return reading;
  return { ...reading, looksPast: config.padTokenId };
}

function readyModel(
  engine: Engine,
  plan: ModelPlan,
  parameters: ParameterStore,
  tokenizer: Tokenizer,
  answers: AnswerReading | null,
): ReadyModel {
  const { base: manifest, heads } = plan;
  const read = readHeadInputs(plan.reading);
  const compiled = new Map<string, BatchForward>();
  return {
    manifest,
    tokenizer,
    maxLength: manifest.maxLength ?? manifest.contextLength,
    answers,
    forward(inputs) {
      const kind = Object.keys(inputs(1, 1)).join();
      const options = { config: manifest.config, inputs, frozen: true };
      const found = compiled.get(kind) ?? compileHeads(engine, parameters, heads, read, options);
      compiled.set(kind, found);
      return found;
    },
    bytes() {
      const graphs = [...compiled.values()].reduce((count, { graphs }) => count + graphs, 0);
      return manifest.weights.sizeBytes * (1 + graphs);
    },
    async release() {
      for (const graph of compiled.values()) await graph.release();
      parameters.release();
    },
  };
}

function noHead(): ProblemError {
  return new ProblemError({
    path: ['modelId'],
    code: 'NO_HEAD',
    message: 'the model has no head: it predicts nothing',
    hint: 'Train a head first: an experiment that starts from this model produces a model with heads.',
  });
}
