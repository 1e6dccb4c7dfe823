import { Readable } from 'node:stream';
import { type ModelHead, readsTokens } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { EngineError, type OnnxFile, type WeightSource } from '../../engine/index.js';
import { headOf, headShapes } from '../../heads/index.js';
import type { ModelWeights } from '../../models/model-weights.js';
import { ProblemError } from '../../problem-error.js';
import { mapTensor, toDataUnit } from '../data-unit.js';
import type { ExportContext } from './export-context.js';
import { type ExportForm, hasTokenClass } from './layout.js';
import { headOutput } from './onnx-function.js';

/** What formats whose weights are in ONNX graphs have in common. */

/** A model's tensors as its graphs read them: regression heads give numbers in the unit of the data. */
export function graphWeights({ config, heads, layers }: ModelManifest, weights: ModelWeights): WeightSource {
  const specs = [
    ...layers.flatMap(({ tensors }) => tensors),
    ...heads.flatMap((head) => headShapes(headOf(head), config)),
  ];
  const maps = toDataUnit(heads);
  const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
  return {
    specs,
    value: async (name) => mapTensor(await weights.read(name), shapes.get(name) ?? [], maps.get(name)),
  };
}

/** The `metadata_props` of a model's graphs. */
export function graphNotes(manifest: ModelManifest, modelDigest: string): Readonly<Record<string, string>> {
  return { attune_model: modelDigest, attune_heads: JSON.stringify(headNotes(manifest)) };
}

/** The class of transformers that a graph stands for: one head's, over any pooling, since the graph has it. */
export function formOfGraph({ config, heads }: ModelManifest): ExportForm {
  const [head, ...others] = heads;
  if (head === undefined || others.length > 0) return 'bare';
  const ofTokens = hasTokenClass(config) ? 'tokenClassifier' : 'bare';
  return readsTokens(head) ? ofTokens : 'textClassifier';
}

/** Writes graphs into a folder of the export: empty, or with a slash at its end. */
export async function writeGraphs(
  { meter, write }: ExportContext,
  folder: string,
  files: readonly OnnxFile[],
): Promise<void> {
  meter.expect(files.reduce((sum, { byteLength }) => sum + byteLength, 0));
  for (const { name, chunks } of files) {
    const path = folder + name;
    const counted = async function* () {
      for await (const chunk of chunks()) {
        meter.advance(path, chunk.byteLength);
        yield chunk;
      }
    };
    await write(path, Readable.from(counted(), { objectMode: false }), 'application/octet-stream');
  }
}

/**
 * Calls `record`. Errors: ProblemError UNSUPPORTED_EXPORT for a model that cannot be recorded for every size, such as
 * one with too few positions.
 */
export function recorded<T>(record: () => T): T {
  try {
    return record();
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'INVALID_FUNCTION') throw error;
    throw new ProblemError(
      {
        path: ['format'],
        code: 'UNSUPPORTED_EXPORT',
        message: `the model cannot be written as one graph for all lengths: ${error.message}`,
        hint: null,
      },
      { cause: error },
    );
  }
}

/** Says of each head which output is its own, and what the output's numbers stand for. */
export function headNotes(manifest: ModelManifest) {
  return manifest.heads.map((head) => ({ ...noteOf(head, headOutput(manifest, head.task)) }));
}

/** Single-label classification has no `kind`, as in the first release. */
function noteOf(head: ModelHead, output: string): Record<string, unknown> {
  const { task, kind } = head;
  switch (kind) {
    case 'classification':
      return { task, output, labels: head.labels };
    case 'multiLabel':
      return { kind, task, output, labels: head.labels, function: 'sigmoid', thresholds: head.thresholds };
    case 'regression': {
      const { means, scales } = head;
      // Whoever reads means and scales must not apply them once more.
      return { kind, task, output, names: head.outputs, standardization: { means, scales, isApplied: true } };
    }
    case 'reward':
      return { kind, task, output, standardization: { mean: head.mean, scale: head.scale, isApplied: false } };
    case 'tokenClassification':
      return { kind, task, output, labels: head.labels, scheme: head.scheme, readAt: 'the first token of each word' };
    default:
      return head satisfies never;
  }
}
