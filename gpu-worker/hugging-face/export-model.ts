import type { TransformerConfig } from '../../src/protocol/architectures/index.js';
import type { ExportedFile, ExportJob } from '../../src/protocol/job.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ArtifactRecord } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { loadManifest } from '../models/load-model.js';
import { openWeights } from '../models/model-weights.js';
import { ProblemError } from '../problem-error.js';
import { beginExport, type ExportContext } from './export/export-context.js';
import { exportHuggingFace } from './export/hugging-face.js';
import { exportAsOnnx } from './export/onnx.js';
import { exportGguf } from './gguf/export-gguf.js';
import { sourceError } from './import-weights.js';
import { isInTransformers } from './in-transformers.js';
import { exportPeftAdapter } from './peft/export-peft.js';
import { asProblem } from './problems.js';
import { type OnProgress, withProgress } from './transfer-progress.js';
import { exportTransformersJs } from './transformers-js/export-transformers-js.js';

export interface ExportTools {
  readonly store: ArtifactStore;
  /**
   * Called at least once a second, also while no bytes move. An error that it throws ends the export, which then
   * rejects with that error.
   */
  readonly onProgress: OnProgress;
  /** Removes artifacts of an export that failed after it wrote them, unless something else refers to them. */
  readonly discard: (digests: readonly string[]) => Promise<void>;
  /** Size of the largest file of weights in the format `huggingFace`. */
  readonly maxShardBytes?: number;
}

export interface ExportedModel {
  /** Names may have a folder in front: `1_Pooling/config.json`. */
  readonly files: readonly ExportedFile[];
  readonly artifacts: readonly ArtifactRecord[];
}

/** What is exported, and as what. */
type ExportedModelSpec = Pick<ExportJob, 'modelDigest' | 'format' | 'variants' | 'gguf' | 'readsPairs'>;

/**
 * Writes a model's files as artifacts, in a format that other programs read. A failed export leaves nothing in the
 * store.
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, UNSUPPORTED_EXPORT, DISK_FULL
 */
export async function exportModel(
  { modelDigest, format, variants, gguf, readsPairs = false }: ExportedModelSpec,
  tools: ExportTools,
): Promise<ExportedModel> {
  return withProgress(tools.onProgress, async (meter) => {
    const manifest = await loadManifest(tools.store, modelDigest);
    const { context, exported } = beginExport({ modelDigest, manifest, readsPairs, store: tools.store, meter });
    try {
      switch (format) {
        case 'peft':
          return await exportPeftAdapter(manifest, tools, null, readsPairs);
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
      return { files: exported.files, artifacts: exported.artifacts };
    } catch (error) {
      await tools.discard(exported.written);
      throw asProblem(sourceError(error), 'the model');
    }
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
