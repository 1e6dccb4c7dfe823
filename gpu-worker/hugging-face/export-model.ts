import type { TransformerConfig } from '../../src/protocol/architectures/index.js';
import type { ExportedFile, ExportJob } from '../../src/protocol/job.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ParityCertificate } from '../../src/protocol/parity-certificate.js';
import { type ArtifactRecord, mediaTypes } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { loadManifest } from '../models/load-model.js';
import { openWeights } from '../models/model-weights.js';
import { ProblemError } from '../problem-error.js';
import { beginExport, type ExportContext, type ExportedFiles } from './export/export-context.js';
import { exportHuggingFace } from './export/hugging-face.js';
import { jsonFile } from './export/json-file.js';
import { exportAsOnnx } from './export/onnx.js';
import { exportGguf } from './gguf/export-gguf.js';
import { sourceError } from './import-weights.js';
import { isInTransformers } from './in-transformers.js';
import { type ExportedAdapter, exportPeftAdapter } from './peft/export-peft.js';
import { asProblem, formatBytes } from './problems.js';
import { type OnProgress, withProgress } from './transfer-progress.js';
import { exportTransformersJs } from './transformers-js/export-transformers-js.js';

const certificateFile = 'certificate.json';

export interface ExportTools {
  readonly store: ArtifactStore;
  /**
   * Called at least once a second, also while no bytes move. An error that it throws ends the export, which then
   * rejects with that error.
   */
  readonly onProgress: OnProgress;
  /** Removes artifacts of an export that failed after it wrote them, unless something else refers to them. */
  readonly discard: (digests: readonly string[]) => Promise<void>;
  /**
   * Runs what was written, and compares it with the model. An error that it throws fails the export. Absent: nothing is
   * checked, and there is no certificate.
   *
   * @param onProgress may throw in order to stop
   */
  readonly certify?: (written: WrittenExport, onProgress: () => void) => Promise<ParityCertificate>;
  /** Size of the largest file of weights in the format `huggingFace`. */
  readonly maxShardBytes?: number;
}

/** The files of an export before it has a certificate. */
interface WrittenExport extends AskedExport {
  readonly manifest: ModelManifest;
  readonly files: readonly ExportedFile[];
}

/** What is exported, and how. */
type AskedExport = Pick<
  ExportJob,
  'modelDigest' | 'format' | 'variants' | 'gguf' | 'readsPairs' | 'madeBy' | 'licence'
>;

export interface ExportedModel {
  /** Names may have a folder in front: `1_Pooling/config.json`. */
  readonly files: readonly ExportedFile[];
  readonly artifacts: readonly ArtifactRecord[];
  readonly certificate?: ParityCertificate | undefined;
}

/**
 * Writes a model's files as artifacts, in a format that other programs read, and a certificate of what they compute. A
 * failed export leaves nothing in the store.
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, UNSUPPORTED_EXPORT, DISK_FULL, PARITY_FAILED, OUT_OF_MEMORY
 *   (where a certificate is required)
 */
export async function exportModel(
  { requireCertificate = false, ...asked }: AskedExport & Pick<ExportJob, 'requireCertificate'>,
  tools: ExportTools,
): Promise<ExportedModel> {
  const { modelDigest, format, licence, variants, gguf, readsPairs = false } = asked;
  return withProgress(tools.onProgress, async (meter) => {
    const stored = await loadManifest(tools.store, modelDigest);
    const manifest = { ...stored, licence: licence ?? stored.licence };
    const { context, exported } = beginExport({ modelDigest, manifest, readsPairs, store: tools.store, meter });
    try {
      switch (format) {
        case 'peft':
          takeOver(exported, manifest, await exportPeftAdapter(manifest, tools, null, readsPairs));
          break;
        case 'huggingFace':
          await exportWhole(context, tools.maxShardBytes);
          break;
        case 'onnx':
          await withWeights(context, (weights) => exportAsOnnx(context, weights));
          break;
        case 'transformersJs': {
          const config = inTransformers(context, 'transformers.js');
          await withWeights(context, (weights) => exportTransformersJs(context, config, weights, variants));
          break;
        }
        case 'gguf': {
          const config = inTransformers(context, 'llama.cpp');
          const options = gguf ?? { type: 'F16', modelName: 'model' };
          await withWeights(context, (weights) => exportGguf(context, config, weights, options));
          break;
        }
        default:
          format satisfies never;
      }
      const certificate = await tools.certify?.({ ...asked, manifest, files: exported.files }, () =>
        meter.advance(certificateFile, 0),
      );
      if (certificate !== undefined) {
        if (certificate.kind === 'notChecked' && requireCertificate) throw notCertified(certificate);
        await context.write(certificateFile, jsonFile(certificate), mediaTypes.json);
      }
      return { files: exported.files, artifacts: exported.artifacts, certificate };
    } catch (error) {
      await tools.discard(exported.written);
      throw asProblem(sourceError(error), 'the model');
    }
  });
}

/** Adds the files of an adapter. Those that came with the model were not written by the export. */
function takeOver(exported: ExportedFiles, { tokenizer, files }: ModelManifest, adapter: ExportedAdapter): void {
  const known = new Set([tokenizer, ...files].map(({ digest }) => digest));
  exported.files.push(...adapter.files);
  exported.artifacts.push(...adapter.artifacts);
  exported.written.push(...adapter.artifacts.map(({ digest }) => digest).filter((digest) => !known.has(digest)));
}

function notCertified({
  neededBytes,
  availableBytes,
}: Extract<ParityCertificate, { readonly kind: 'notChecked' }>): ProblemError {
  return new ProblemError({
    path: ['requireCertificate'],
    code: 'OUT_OF_MEMORY',
    message: `to run the files takes ${formatBytes(neededBytes)} of memory, and the worker has ${formatBytes(availableBytes)} left`,
    hint: 'Take a worker with more memory, or export without requireCertificate.',
  });
}

async function exportWhole(context: ExportContext, maxShardBytes: number | undefined): Promise<void> {
  const config = inTransformers(context, 'transformers');
  await withWeights(context, (weights) => exportHuggingFace(context, config, weights, maxShardBytes));
}

/** The model's configuration. Errors: ProblemError UNSUPPORTED_EXPORT for a family that the library does not have. */
function inTransformers({ manifest: { config } }: ExportContext, library: string): TransformerConfig {
  if (isInTransformers(config)) return config;
  throw new ProblemError({
    path: ['format'],
    code: 'UNSUPPORTED_EXPORT',
    message: `${library} has no class for Universal Sentence Encoder Lite`,
    hint: 'Export it as ONNX, which any runtime reads.',
  });
}

async function withWeights(
  { store, manifest }: { readonly store: ArtifactStore; readonly manifest: ModelManifest },
  work: (weights: Awaited<ReturnType<typeof openWeights>>) => Promise<void>,
): Promise<void> {
  const weights = await openWeights(store, manifest);
  try {
    await work(weights);
  } finally {
    await weights.close();
  }
}
