import type { ModelHead } from '../../src/protocol/heads.js';

/** Attune's regression heads give standardized numbers; exported ones give them in the unit of the data. */

/** The outputs [N,K] of a head as exports give them: value = mean + scale · output. */
export function inDataUnit(head: ModelHead, outputs: Float32Array): Float32Array {
  if (head.kind !== 'regression') return outputs;
  const { means, scales } = head;
  const K = scales.length;
  return outputs.map((output, i) => means[i % K]! + scales[i % K]! * output);
}

/** The way back. */
export function standardized(head: ModelHead, values: Float32Array): Float32Array {
  if (head.kind !== 'regression') return values;
  const { means, scales } = head;
  const K = scales.length;
  return values.map((value, i) => (value - means[i % K]!) / scales[i % K]!);
}
