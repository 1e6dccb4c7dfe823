import { exp, ln } from '../portable-math.js';

/** Row `row` of logits [N,C] → its softmax [C], summed in double precision after the row's maximum is subtracted. */
export function softmaxRow(logits: Float32Array, row: number, classCount: number): Float32Array {
  const start = row * classCount;
  const maximum = rowMaximum(logits, start, classCount);
  const probabilities = new Float32Array(classCount);
  let sum = 0;
  for (let c = 0; c < classCount; c++) sum += exp((logits[start + c] ?? 0) - maximum);
  for (let c = 0; c < classCount; c++) probabilities[c] = exp((logits[start + c] ?? 0) - maximum) / sum;
  return probabilities;
}

/** Cross-entropy of one row of logits [N,C] against its target class: log Σ exp(logits) − logits[target], nats. */
export function crossEntropyOfRow(logits: Float32Array, row: number, classCount: number, target: number): number {
  const start = row * classCount;
  const maximum = rowMaximum(logits, start, classCount);
  let sum = 0;
  for (let c = 0; c < classCount; c++) sum += exp((logits[start + c] ?? 0) - maximum);
  return maximum + ln(sum) - (logits[start + target] ?? Number.NaN);
}

/** The first of a row's highest logits: ties go to the lower class, as in NumPy's argmax. */
export function argmaxOfRow(logits: Float32Array, row: number, classCount: number): number {
  const start = row * classCount;
  let best = 0;
  for (let c = 1; c < classCount; c++) if ((logits[start + c] ?? 0) > (logits[start + best] ?? 0)) best = c;
  return best;
}

function rowMaximum(logits: Float32Array, start: number, classCount: number): number {
  let maximum = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classCount; c++) maximum = Math.max(maximum, logits[start + c] ?? Number.NaN);
  return maximum;
}
