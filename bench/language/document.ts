import type { Machine } from '../machine.js';
import { median } from '../statistics.js';
import type { PythonVersions } from '../train/python.js';
import type { Ended } from '../train/turns.js';
import type { Work } from './works.js';

/** What was measured of one side: tokens a second of each round, and its memory. */
export interface SideResult extends Ended {
  readonly tokensPerSecond: readonly number[];
  /** User and system time of each round's steps, for each token. */
  readonly processorPerToken: readonly number[];
}

export interface Measured {
  readonly work: Work;
  readonly attune: SideResult;
  readonly pytorch: SideResult;
}

/** What the measuring ran on. */
export interface Circumstances {
  readonly machine: Machine;
  readonly threads: number;
  readonly python: PythonVersions;
  readonly date: string;
}

/** docs/performance-language.md. */
export function document(results: readonly Measured[], { machine, threads, python, date }: Circumstances): string {
  return `# Training speed of language models against PyTorch

Written by \`npm run bench:language\` (bench/language) on ${date}; do not edit.

| | |
| --- | --- |
| machine | ${machine.processor}, ${machine.processors} processors (${machine.instructionSets.join(', ')}), ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, Linux ${machine.kernel} |
| threads | ${threads} on either side |
| Attune | Node ${machine.node}, ONNX Runtime ${machine.onnxruntime} |
| opponent | PyTorch ${python.torch}, transformers ${python.transformers}, PEFT ${python.peft}, accelerate ${python.accelerate}, Python ${python.python}: a Trainer script, [bench/language/opponent.py](../bench/language/opponent.py) |

Models have random weights, the same on either side, in float32; texts are random words. Both sides begin with the same
loss, within a percent, or near ln 2 where each draws its own head of two classes. What stands in the way of goals that are not met is in [experiments](experiments.md#training-language-models).

## Speed

Ratio: tokens a second, Attune ÷ PyTorch, padding not counted; the median of the rounds, with the least and the greatest.
A round is one turn of each side, one directly after the other.

| work | goal | ratio | tokens a second, Attune / PyTorch | processor time, PyTorch ÷ Attune | rounds |
| --- | --- | --- | --- | --- | --- |
${results.map(speedRow).join('\n')}

## Memory

Largest resident memory of the whole process (VmHWM), imports, model loading and compilation included; in parentheses
what of it was there after the imports alone, which the last column leaves out.

| work | Attune | PyTorch | ratio (goal ≤ 1.0) | ratio beyond the imports |
| --- | --- | --- | --- | --- |
${results.map(memoryRow).join('\n')}

## Repeat

\`\`\`
ATTUNE_BENCH_PYTHON=python3 ATTUNE_BENCH_THREADS=${threads} npm run bench:language
\`\`\`

The Python environment needs torch, transformers, peft and accelerate. [bench/language/main.ts](../bench/language/main.ts)
explains the settings.
`;
}

function speedRow({ work: { title, goal }, attune, pytorch }: Measured): string {
  const ratios = attune.tokensPerSecond.map((own, round) => own / pytorch.tokensPerSecond[round]!);
  const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  const speeds = [attune, pytorch].map((side) => median(side.tokensPerSecond).toFixed(0)).join(' / ');
  const processor = median(pytorch.processorPerToken) / median(attune.processorPerToken);
  return `| ${title} | ≥ ${goal} | **${median(ratios).toFixed(2)}** (${range}) | ${speeds} | ${processor.toFixed(2)} | ${ratios.length} |`;
}

function memoryRow({ work: { title }, attune, pytorch }: Measured): string {
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  const of = ({ peakBytes, importedBytes }: Ended) => `${mib(peakBytes)} MiB (${mib(importedBytes)})`;
  const beyond = ({ peakBytes, importedBytes }: Ended) => peakBytes - importedBytes;
  const ratio = (attune.peakBytes / pytorch.peakBytes).toFixed(2);
  return `| ${title} | ${of(attune)} | ${of(pytorch)} | ${ratio} | ${(beyond(attune) / beyond(pytorch)).toFixed(2)} |`;
}
