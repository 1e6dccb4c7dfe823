import type { Graph } from '../graph/graph.js';
import { absorbScalars } from './absorb-scalars.js';
import { absorbBroadcasts } from './broadcast.js';
import { byOwnSizes, type Choices } from './choices.js';
import { eliminateDeadNodes } from './dead-nodes.js';
import { foldConstants } from './fold-constants.js';
import { simplifyIdentities } from './identities.js';
import { fuseTranspositions, lowerProducts } from './matmul.js';
import { arrangeProducts } from './matmul-layout.js';
import { mergeEqualNodes } from './merge-equal.js';
import { sumRowsByProducts } from './row-sums.js';
import { expandSegmentSums } from './segment-sum.js';

const maxRounds = 8;

/**
 * Shortens a recorded graph without changing its results. Repeats until the graph stops shrinking, because one pass
 * makes work for another.
 */
export function simplify(graph: Graph): Graph {
  let before = eliminateDeadNodes(graph);
  for (let round = 0; round < maxRounds; round++) {
    const after = eliminateDeadNodes(
      mergeEqualNodes(foldConstants(absorbBroadcasts(simplifyIdentities(fuseTranspositions(before))))),
    );
    if (after.nodes.length === before.nodes.length && after.constants.length === before.constants.length) return after;
    before = after;
  }
  return before;
}

export interface LegalizeOptions {
  /**
   * Whether matrix products take over factors. ONNX Runtime's product of one row, which is bound by reading the matrix,
   * is three times as fast without one. Default: true.
   */
  readonly absorbsScalars?: boolean;
}

/** The executor of a graph: one of ONNX Runtime's providers, or any runtime that may read an exported file. */
export type Executor = 'cpu' | 'cuda' | 'webgpu' | 'any';

/**
 * Replaces Attune's own operators by ONNX's, as the last step before writing, and arranges the graph for its executor.
 */
export function legalize(
  graph: Graph,
  executor: Executor,
  choices: Choices = byOwnSizes,
  { absorbsScalars = true }: LegalizeOptions = {},
): Graph {
  const expanded = expandSegmentSums(graph);
  const absorb = absorbsScalars ? absorbScalars : (unchanged: Graph) => unchanged;
  const arranged = executor === 'cpu' ? arrangeForCpu(expanded, choices, absorb) : absorb(expanded, choices);
  const cleaned = mergeEqualNodes(simplifyIdentities(simplifyIdentities(arranged)));
  const dialect = executor === 'cpu' || executor === 'cuda' ? 'fused' : 'onnx';
  return eliminateDeadNodes(mergeEqualNodes(lowerProducts(cleaned, dialect)));
}

/** Changes that pay because of the kernels in ONNX Runtime's CPU provider. */
function arrangeForCpu(graph: Graph, choices: Choices, absorb: typeof absorbScalars): Graph {
  const summed = eliminateDeadNodes(simplifyIdentities(sumRowsByProducts(graph, choices)));
  return arrangeProducts(absorb(summed, choices), choices);
}
