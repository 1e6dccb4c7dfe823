import type { Graph } from '../graph/graph.js';
import type { Weight } from '../onnx/files.js';
import { inBytes } from './in-bytes.js';
import { inHalves } from './in-halves.js';
import type { StoredGraph } from './stored-graph.js';

/** What a file's matrices are stored as, and its products compute in. */
export type NumbersOfFile =
  | { readonly type: 'float32' }
  /** @param inHalf names of inputs and outputs that are float16; the others stay float32 */
  | { readonly type: 'float16'; readonly inHalf: ReadonlySet<string> }
  /** @param kept names of matrices that stay in float32 */
  | { readonly type: 'int8'; readonly kept: ReadonlySet<string> };

/** A graph of float32 as one that reads its weights as they are stored. */
export function storedAs(numbers: NumbersOfFile, graph: Graph, weights: readonly Weight[]): StoredGraph {
  switch (numbers.type) {
    case 'float32':
      return { graph, weights, original: (value) => value };
    case 'float16':
      return inHalves(graph, weights, numbers.inHalf);
    case 'int8':
      return inBytes(graph, weights, numbers.kept);
    default:
      return numbers satisfies never;
  }
}
