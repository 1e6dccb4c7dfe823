import { join } from 'node:path';
import type { ExportFormat, OnnxVariant } from '../../src/protocol/job.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ParityPrecision, ParityRunner } from '../../src/protocol/parity-certificate.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Engine } from '../engine/types.js';
import { asProblem } from '../hugging-face/problems.js';
import { allVariants, variantNames } from '../hugging-face/transformers-js/variants.js';
import { ProblemError } from '../problem-error.js';
import type { Computed, OutputKind, RunnableModel } from './certified-model.js';
import type { RowsToCheck } from './checked-rows.js';
import { openExportedGguf } from './formats/gguf.js';
import { openExportedFolder } from './formats/hugging-face.js';
import { runExportedGraph } from './formats/onnx.js';
import { openExportedAdapter } from './formats/peft.js';
import { runFreshGraph } from './fresh-graph.js';
import { failed } from './parity-failed.js';

/** What is known beside the files, which lie in `folder`. */
export interface RunningFiles {
  readonly folder: string;
  /** Their names. */
  readonly files: ReadonlySet<string>;
  readonly engine: Engine;
  readonly kind: OutputKind;
  /** Of the trained model: names of outputs, and whose base model an adapter is for. */
  readonly manifest: ModelManifest;
  readonly store: ArtifactStore;
  readonly rows: RowsToCheck;
  readonly onProgress: () => void;
}

/** What one model of an export gave. */
export interface RanFiles {
  readonly file: string;
  readonly precision: ParityPrecision;
  readonly runner: ParityRunner;
  readonly outputs: readonly Computed[];
}

/**
 * Runs what an export wrote, one model after the other: a format may hold several.
 * @throws ProblemError PARITY_FAILED for files that cannot be read back or run; MISSING_ARTIFACT of the base model
 */
export async function* runFiles(format: ExportFormat, how: RunningFiles): AsyncGenerator<RanFiles, void, void> {
  const { folder, files, engine, kind, manifest, store, rows, onProgress } = how;
  const graphOf = (model: RunnableModel) => runFreshGraph(engine, kind, model, rows, onProgress);
  const float32 = { precision: 'float32' } as const;
  switch (format) {
    case 'huggingFace': {
      const file = 'model.safetensors';
      const outputs = await readBack(file, () => openExportedFolder(folder, manifest, graphOf));
      yield { file, ...float32, runner: 'freshGraph', outputs };
      return;
    }
    case 'peft': {
      const file = 'adapter_model.safetensors';
      const outputs = await readBack(file, () => openExportedAdapter(folder, manifest, store, graphOf));
      yield { file, ...float32, runner: 'freshGraph', outputs };
      return;
    }
    case 'onnx': {
      const file = 'model.onnx';
      const { threads } = engine.choice;
      const outputs = await readBack(file, () =>
        runExportedGraph({ folder, name: file, kind, manifest, rows, threads, onProgress }),
      );
      yield { file, ...float32, runner: 'onnxRuntime', outputs };
      return;
    }
    case 'transformersJs': {
      const { threads } = engine.choice;
      for (const variant of allVariants) {
        const name = variantFile(variant);
        if (!files.has(name)) continue;
        const outputs = await readBack(name, () =>
          runExportedGraph({ folder, name, kind, manifest, rows, threads, onProgress }),
        );
        yield { file: name, precision: variant, runner: 'onnxRuntime', outputs };
      }
      return;
    }
    case 'gguf': {
      const file = [...files].find((name) => name.endsWith('.gguf')) ?? 'model.gguf';
      const outputs = await readBack(file, () => openExportedGguf(join(folder, file), manifest, graphOf));
      yield { file, precision: ggufPrecision(file), runner: 'freshGraph', outputs };
      return;
    }
    default:
      format satisfies never;
  }
}

/** By the name of the file, which says the type of its matrices. */
function ggufPrecision(file: string): ParityPrecision {
  if (file.endsWith('-Q8_0.gguf')) return 'q8_0';
  return file.endsWith('-F16.gguf') ? 'float16' : 'float32';
}

/** Where a graph lies in the layout that transformers.js loads. */
function variantFile(variant: OnnxVariant): string {
  return `onnx/${variantNames[variant].fileName}`;
}

/** What the files were found to be, as a fault of the export: nobody gave them but Attune. */
async function readBack<Result>(file: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    const problem = asProblem(error, file);
    const isOfFiles =
      problem instanceof ProblemError && ['INVALID_MODEL', 'UNSUPPORTED_MODEL'].includes(problem.problem.code);
    throw isOfFiles ? failed(file, `it cannot be read back: ${problem.problem.message}`, error) : error;
  }
}
