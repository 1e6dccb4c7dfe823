import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { predictedTokensOf } from '../../../src/protocol/predicts-tokens.js';
import type { ExportInput, ForwardFunction } from '../../engine/index.js';
import { formOfGraph } from '../export/graph-files.js';
import type { ExportForm } from '../export/layout.js';
import { onnxFunction, onnxInputs } from '../export/onnx-function.js';

/** A model's graph as transformers.js runs it. */
export interface ModelGraph {
  /** The class of transformers that it stands for. */
  readonly form: ExportForm;
  readonly inputs: Readonly<Record<string, ExportInput>>;
  readonly forward: ForwardFunction;
  /** The largest sizes of dimensions, by name. */
  readonly maxima: Readonly<Record<string, number>>;
  /** Inputs and outputs that are float16 in the variant of that type. */
  readonly inHalf: ReadonlySet<string>;
}

/** The graph of a model: of a class of transformers with its one head, or of the bare model with all of them. */
export function graphOf(manifest: ModelManifest, _config: TransformerConfig): ModelGraph {
  const predicts = predictedTokensOf(manifest);
  return {
    form: predicts === 'masked' ? 'languageModel' : formOfGraph(manifest),
    inputs: onnxInputs(manifest),
    forward: onnxFunction(manifest),
    maxima: { sequence: manifest.contextLength },
    inHalf: new Set(),
  };
}
