import type { Circumstances } from '../language/document.js';
import { median } from '../statistics.js';
import type { Ended } from '../train/turns.js';
import type { Work } from './works.js';

/** What was measured of one side: of each round, and its memory. */
export interface SideResult extends Ended {
  readonly milliseconds: readonly number[];
  /** User and system time. */
  readonly processorMilliseconds: readonly number[];
}

export interface Measured {
  readonly work: Work;
  readonly attune: SideResult;
  readonly pytorch: SideResult;
}

/** Speeds of the rounds, Attune ÷ PyTorch. */
export function ratiosOf({ attune, pytorch }: Omit<Measured, 'work'>): number[] {
  return attune.milliseconds.map((own, round) => pytorch.milliseconds[round]! / own);
}

/** docs/performance-generate.md. */
export function document(results: readonly Measured[], { machine, threads, python, date }: Circumstances): string {
  return `# Speed of generation against PyTorch

Written by \`npm run bench:generate\` (bench/generate) on ${date}; do not edit.

| | |
| --- | --- |
| machine | ${machine.processor}, ${machine.processors} processors (${machine.instructionSets.join(', ')}), ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, Linux ${machine.kernel} |
| threads | ${threads} on either side |
| Attune | Node ${machine.node}, ONNX Runtime ${machine.onnxruntime} |
| opponent | PyTorch ${python.torch}, transformers ${python.transformers}, Python ${python.python}: \`generate\` with its key-value cache, [bench/generate/opponent.py](../bench/generate/opponent.py) |

Models have random weights, the same on either side; prompts are random tokens, and both sides always write the
likeliest token. PyTorch computes in float32 throughout. The log-probabilities of first tokens agree to 1e-3, with
weights in 8 bits to 0.05. What stands in the way of goals that are not met is in
[experiments](experiments.md#generation).

## Speed

Ratio: time, PyTorch ÷ Attune, of reading the prompts and writing all answers; the median of the rounds, with the least
and the greatest. A round is one turn of each side, one directly after the other.

| work | goal | ratio | milliseconds, Attune / PyTorch | processor time, PyTorch ÷ Attune | rounds |
| --- | --- | --- | --- | --- | --- |
${results.map(speedRow).join('\n')}

## Memory

Largest resident memory of the whole process (VmHWM), imports, model loading and compilation included; in parentheses
what of it was there after the imports alone, which the last column leaves out.

| work | Attune | PyTorch | ratio (goal ≤ 1.0) | ratio beyond the imports (goal ≤ 1.0) |
| --- | --- | --- | --- | --- |
${results.map(memoryRow).join('\n')}

## Repeat

\`\`\`
ATTUNE_BENCH_PYTHON=python3 ATTUNE_BENCH_THREADS=${threads} npm run bench:generate
\`\`\`

The Python environment needs torch, transformers, peft and accelerate. [bench/generate/main.ts](../bench/generate/main.ts)
explains the settings.
`;
}

function speedRow(measured: Measured): string {
  const { work, attune, pytorch } = measured;
  const ratios = ratiosOf(measured);
  const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  const times = [attune, pytorch].map((side) => median(side.milliseconds).toFixed(0)).join(' / ');
  const processor = median(pytorch.processorMilliseconds) / median(attune.processorMilliseconds);
  return `| ${work.title} | ≥ ${work.goal} | **${median(ratios).toFixed(2)}** (${range}) | ${times} | ${processor.toFixed(2)} | ${ratios.length} |`;
}

function memoryRow({ work: { title }, attune, pytorch }: Measured): string {
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  const of = ({ peakBytes, importedBytes }: Ended) => `${mib(peakBytes)} MiB (${mib(importedBytes)})`;
  const beyond = ({ peakBytes, importedBytes }: Ended) => peakBytes - importedBytes;
  const ratio = (attune.peakBytes / pytorch.peakBytes).toFixed(2);
  return `| ${title} | ${of(attune)} | ${of(pytorch)} | ${ratio} | ${(beyond(attune) / beyond(pytorch)).toFixed(2)} |`;
}
