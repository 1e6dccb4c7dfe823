import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { isDecoder } from '../../architectures/encoder-run.js';
import { formOfGraph } from '../export/graph-files.js';
import { predictsTokens } from '../export/layout.js';
import { onnxFunction, onnxInputs } from '../export/onnx-function.js';
import { cachedGraph } from './cached-graph.js';
import type { ModelGraph } from './model-graph.js';

/**
 * The graph of a model: of a language model, of a class of transformers with its one head, or of the bare model with
 * all of its heads.
 */
export function graphOf(manifest: ModelManifest, config: TransformerConfig): ModelGraph {
  const predicts = manifest.heads.length === 0 && predictsTokens(manifest);
  if (predicts && isDecoder(config)) return cachedGraph(config);
  return {
    form: predicts ? 'languageModel' : formOfGraph(manifest),
    inputs: onnxInputs(manifest),
    forward: onnxFunction(manifest),
    maxima: { sequence: manifest.contextLength },
    inHalf: new Set(),
  };
}
