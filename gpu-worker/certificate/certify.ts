import type { ExportedFile, ExportJob } from '../../src/protocol/job.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ParityCertificate, ParityCheck } from '../../src/protocol/parity-certificate.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { elementCount } from '../../src/storage/safetensors.js';
import { isTransformer } from '../architectures/encoder-run.js';
import type { Engine } from '../engine/types.js';
import { headOf, headShapes } from '../heads/index.js';
import { predictsTokens } from '../hugging-face/export/layout.js';
import { loadModel } from '../models/load-model.js';
import { openWeights } from '../models/model-weights.js';
import { ProblemError } from '../problem-error.js';
import type { Computed, OutputKind } from './certified-model.js';
import type { RowsToCheck } from './checked-rows.js';
import { runFreshGraph } from './fresh-graph.js';
import { judge } from './judge.js';
import { withFolderOf } from './laid-out.js';
import { readRows } from './read-rows.js';
import { runFiles } from './run-files.js';

export interface CertifyTools {
  readonly store: ArtifactStore;
  /** Opens an engine for one certificate, which releases it. */
  readonly openEngine: () => Promise<Engine>;
  /** Bytes of memory that the worker has left. */
  readonly availableBytes: () => number;
  /** A folder for what is temporary. */
  readonly folder: string;
  /** Called often; may throw in order to stop. */
  readonly onProgress: () => void;
}

/** The files of an export, and the model that they are of. */
export interface Exported extends Pick<ExportJob, 'modelDigest' | 'format' | 'readsPairs' | 'madeBy'> {
  readonly manifest: ModelManifest;
  readonly files: readonly ExportedFile[];
}

/** Beside the weights: graphs while they are made, and outputs. */
const extraBytes = 192 * 2 ** 20;

/**
 * Reads the files of an export back, runs them by a path that shares nothing with how they were written, and compares
 * what they give with what the trained model gives, on texts that it was not trained on. One model is in memory at a
 * time. Where even that is too much, the certificate says so.
 *
 * @throws ProblemError PARITY_FAILED where the export does not compute what the model does; MISSING_ARTIFACT,
 *   INVALID_MODEL (of the model itself)
 */
export async function certify(exported: Exported, tools: CertifyTools): Promise<ParityCertificate> {
  const { manifest, modelDigest, files } = exported;
  const { store, onProgress } = tools;
  const neededBytes = 2 * weightBytes(manifest) + extraBytes;
  const availableBytes = tools.availableBytes();
  if (neededBytes > availableBytes)
    return { kind: 'notChecked', reason: 'notEnoughMemory', neededBytes, availableBytes };

  const engine = await tools.openEngine();
  try {
    const kind = kindOf(manifest);
    const { rows, trained } = await runTrained(engine, kind, modelDigest, exported, tools);
    const base = manifest.adapter === null ? null : await runBase(engine, kind, manifest, rows, tools);
    const checks: ParityCheck[] = [];
    await withFolderOf(files, store, tools.folder, async (folder) => {
      const how = {
        folder,
        files: new Set(files.map(({ name }) => name)),
        engine,
        kind,
        manifest,
        store,
        rows,
        onProgress,
      };
      for await (const { outputs, ...checked } of runFiles(exported.format, how)) {
        checks.push(judge(manifest, rows, { trained, base, found: outputs }, checked));
      }
    });
    return { kind: 'checked', rows: rows.note, checks };
  } finally {
    await engine.release();
  }
}

async function runTrained(
  engine: Engine,
  kind: OutputKind,
  digest: string,
  how: Pick<Exported, 'readsPairs' | 'madeBy'>,
  { store, onProgress }: CertifyTools,
): Promise<{ readonly rows: RowsToCheck; readonly trained: Computed[] }> {
  const model = await loadModel(store, digest);
  try {
    const rows = await readRows(kind, how, model, store, onProgress);
    const trained = await runFreshGraph(engine, kind, model, rows, onProgress);
    if (trained.some(({ values }) => !values.every(Number.isFinite))) throw notFinite();
    return { rows, trained };
  } finally {
    await model.weights.close();
  }
}

/** The same without what the adapter learned. */
async function runBase(
  engine: Engine,
  kind: OutputKind,
  manifest: ModelManifest,
  rows: RowsToCheck,
  { store, onProgress }: CertifyTools,
): Promise<Computed[]> {
  const weights = await openWeights(store, manifest, false);
  try {
    return await runFreshGraph(engine, kind, { manifest, weights }, rows, onProgress);
  } finally {
    await weights.close();
  }
}

function kindOf(manifest: ModelManifest): OutputKind {
  if (manifest.heads.length > 0) return 'heads';
  if (!isTransformer(manifest.config)) return 'embedding';
  return predictsTokens(manifest) ? 'tokens' : 'states';
}

/** Bytes of all tensors as float32. */
function weightBytes({ layers, heads, config }: ModelManifest): number {
  const tensors = [
    ...layers.flatMap(({ tensors }) => tensors),
    ...heads.flatMap((head) => headShapes(headOf(head), config)),
  ];
  return tensors.reduce((sum, { shape }) => sum + elementCount(shape) * Float32Array.BYTES_PER_ELEMENT, 0);
}

function notFinite(): ProblemError {
  return new ProblemError({
    path: [],
    code: 'INVALID_MODEL',
    message: 'the model itself gives numbers that are not finite: its weights are damaged',
    hint: 'Export another checkpoint or model.',
  });
}
