import { z } from 'zod';
import type { RunSpec } from '../../src/protocol/methods/index.js';
import { Sha256 } from '../../src/protocol/sha256.js';
import { mediaTypes } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { SafetensorsError, type Tensor, writeSafetensors } from '../../src/storage/safetensors.js';
import { openSafetensors, type SafetensorsFile } from '../../src/storage/safetensors-file.js';
import type { EngineChoice, ParameterStore } from '../engine/types.js';
import { readArtifact, verifiedPath } from '../models/artifacts.js';
import { ProblemError } from '../problem-error.js';
import type { NewCheckpoint } from '../thread-protocol.js';
import { PolicyState } from './policy/policy-state.js';
import { digestOfSpec } from './spec-digest.js';

/**
 * Where training stands between two updates. Seed, step and hyperparameters determine batch order, dropout masks and
 * learning rate, so that nothing of those needs keeping beyond the step.
 */
export const TrainingState = z.object({
  /** Optimizer updates done. */
  step: z.number().int().min(0),
  /** Epoch of the next update, from 0. */
  epoch: z.number().int().min(0),
  /** Updates of that epoch that are done; all of them when only its evaluation is left. */
  updatesInEpoch: z.number().int().min(0),
  validation: z.object({
    best: z.object({ value: z.number(), step: z.number().int() }).nullable(),
    evaluationsWithoutImprovement: z.number().int().min(0),
  }),
  /** Digest of the checkpoint of `validation.best`; null where it is this checkpoint, or there is none. */
  bestDigest: Sha256.nullable(),
  /** Of policy optimization alone. */
  policy: PolicyState.optional(),
});
export type TrainingState = z.infer<typeof TrainingState>;

const tensorsOfCheckpoint = 'the checkpoint’s tensors';

/** A checkpoint is this JSON artifact and the safetensors artifact it names. */
export const CheckpointManifest = z.object({
  formatVersion: z.literal(1),
  runId: z.uuid(),
  /** See `digestOfSpec`: a checkpoint is of no use to another spec. */
  specDigest: Sha256,
  /** Frozen parameters are not in the checkpoint but in this model. */
  baseModelDigest: Sha256,
  /**
   * What wrote the checkpoint. Training may go on from it with another version or number of threads, but its result
   * then need not have the same bytes.
   */
  engine: z.object({ target: z.string(), version: z.string(), threads: z.number().int() }),
  /** `value.<name>`, `m.<name>` and `v.<name>` of every trained parameter. */
  tensors: z.object({ digest: Sha256, sizeBytes: z.number().int() }),
  /** AdamW's t. */
  optimizerUpdates: z.number().int().min(0),
  state: TrainingState,
});
export type CheckpointManifest = z.infer<typeof CheckpointManifest>;

/** What of a store a checkpoint keeps. */
export type CheckpointedParameters = Pick<ParameterStore, 'specs' | 'value' | 'optimizerState' | 'loadOptimizerState'>;

/** The training that a checkpoint belongs to. */
export interface CheckpointOwner {
  readonly runId: string;
  readonly spec: RunSpec;
  readonly engine: EngineChoice;
}

/**
 * Writes trained parameters, moments and state. Nothing may update the parameters meanwhile: their live views are
 * written.
 * @param id a fresh UUID
 * @param best whether its evaluation is the best so far
 */
export async function saveCheckpoint(
  store: ArtifactStore,
  owner: CheckpointOwner,
  parameters: CheckpointedParameters,
  state: TrainingState,
  { id, best }: { readonly id: string; readonly best: boolean },
): Promise<NewCheckpoint> {
  const { updates, moments } = parameters.optimizerState();
  const tensors = new Map<string, Tensor>();
  for (const { name, shape } of trained(parameters)) {
    const { m, v } = momentsOf(moments, name);
    tensors.set(`value.${name}`, { shape, data: parameters.value(name) });
    tensors.set(`m.${name}`, { shape, data: m });
    tensors.set(`v.${name}`, { shape, data: v });
  }
  const weights = await store.write(writeSafetensors(tensors));
  const { target, version, threads } = owner.engine;
  const manifest: CheckpointManifest = {
    formatVersion: 1,
    runId: owner.runId,
    specDigest: digestOfSpec(owner.spec),
    baseModelDigest: owner.spec.baseModelDigest,
    engine: { target, version, threads },
    tensors: { digest: weights.digest, sizeBytes: weights.sizeBytes },
    optimizerUpdates: updates,
    state,
  };
  const written = await store.write(Buffer.from(JSON.stringify(manifest)));
  return {
    id,
    step: state.step,
    best,
    digest: written.digest,
    sizeBytes: written.sizeBytes + weights.sizeBytes,
    artifacts: [
      { ...written, mediaType: mediaTypes.json },
      { ...weights, mediaType: mediaTypes.safetensors },
    ],
  };
}

/**
 * Puts parameters and moments back as they were and returns where to go on. All files are checked first, so that a
 * checkpoint that cannot be used changes nothing; with early stopping, those of the best checkpoint too, of which the
 * model may have to be made.
 * Errors: ProblemError MISSING_ARTIFACT, INVALID_CHECKPOINT (of another run or spec, or damaged).
 */
export async function restoreCheckpoint(
  store: ArtifactStore,
  owner: CheckpointOwner,
  parameters: CheckpointedParameters,
  digest: string,
): Promise<CheckpointManifest> {
  const manifest = await readManifest(store, digest);
  if (manifest.runId !== owner.runId || manifest.specDigest !== digestOfSpec(owner.spec)) {
    throw invalidCheckpoint('it belongs to another run or another spec');
  }
  const { bestDigest, validation, step } = manifest.state;
  const needsBest = owner.spec.hyperparameters.earlyStopping !== null && validation.best?.step !== step;
  if (needsBest && bestDigest !== null) await verifyCheckpoint(store, bestDigest);
  const file = await openTensors(store, manifest, parameters);
  try {
    const { moments } = parameters.optimizerState();
    for (const { name } of trained(parameters)) {
      const { m, v } = momentsOf(moments, name);
      await readInto(file, `value.${name}`, parameters.value(name));
      await readInto(file, `m.${name}`, m);
      await readInto(file, `v.${name}`, v);
    }
    // The moments are in place already. This tells the store the number of updates, and lets it find the rows of tables
    // that have moments.
    parameters.loadOptimizerState({ updates: manifest.optimizerUpdates, moments });
    return manifest;
  } finally {
    await file.close();
  }
}

/** Puts the trained parameters alone back: to produce the model of an earlier, better checkpoint. Errors as above. */
export async function restoreParameters(
  store: ArtifactStore,
  parameters: CheckpointedParameters,
  digest: string,
): Promise<void> {
  const file = await openTensors(store, await readManifest(store, digest), parameters);
  try {
    for (const { name } of trained(parameters)) await readInto(file, `value.${name}`, parameters.value(name));
  } finally {
    await file.close();
  }
}

/** Reads a checkpoint's files and checks their digests. Errors as above. */
async function verifyCheckpoint(store: ArtifactStore, digest: string): Promise<void> {
  const { tensors } = await readManifest(store, digest);
  await verifiedPath(store, tensors.digest, tensorsOfCheckpoint);
}

async function readManifest(store: ArtifactStore, digest: string): Promise<CheckpointManifest> {
  const bytes = await readArtifact(store, digest, 'the checkpoint');
  try {
    return CheckpointManifest.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw invalidCheckpoint('this release of Attune cannot read its manifest', error);
  }
}

/** Opens a checkpoint's tensors, checked against the parameters before any of them is changed. */
async function openTensors(
  store: ArtifactStore,
  { tensors }: CheckpointManifest,
  parameters: CheckpointedParameters,
): Promise<SafetensorsFile> {
  const path = await verifiedPath(store, tensors.digest, tensorsOfCheckpoint);
  let file: SafetensorsFile;
  try {
    file = await openSafetensors(path);
  } catch (error) {
    if (error instanceof SafetensorsError) throw invalidCheckpoint(error.message, error);
    throw error;
  }
  for (const { name, shape } of trained(parameters)) {
    const lacking = ['value', 'm', 'v'].find(
      (kind) => file.tensors.get(`${kind}.${name}`)?.shape.join() !== shape.join(),
    );
    if (lacking === undefined) continue;
    await file.close();
    throw invalidCheckpoint(`it lacks ${lacking} of ${name}`);
  }
  return file;
}

/** Reads a tensor straight into the store's memory: a checkpoint of all weights is three times as large as they are. */
async function readInto(file: SafetensorsFile, name: string, target: Float32Array): Promise<void> {
  let done = 0;
  for await (const piece of file.chunks(name)) {
    target.set(piece, done);
    done += piece.length;
  }
}

function trained(parameters: Pick<ParameterStore, 'specs'>) {
  return parameters.specs.filter(({ trainable }) => trainable);
}

function momentsOf(moments: ReadonlyMap<string, { m: Float32Array; v: Float32Array }>, name: string) {
  const found = moments.get(name);
  if (found === undefined) throw new RangeError(`the optimizer has no moments of ${name}`);
  return found;
}

function invalidCheckpoint(why: string, cause?: unknown): ProblemError {
  return new ProblemError(
    {
      path: [],
      code: 'INVALID_CHECKPOINT',
      message: `the run’s checkpoint cannot be used: ${why}`,
      hint: null,
    },
    { cause },
  );
}
