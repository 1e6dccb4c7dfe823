import { median, sum } from '../statistics.js';
import type { PythonVersions } from './python.js';
import type { BaseModel, ComparedResult, Peak, Results, SideResult } from './results.js';
import { type Row, rowsOf } from './rows.js';
import { full } from './scale.js';

const { turnSteps, batchSize, tokens } = full;

/** A row and what was measured of it. */
interface Measured {
  readonly row: Row;
  readonly result: ComparedResult;
}

/** docs/performance.md from what measure.ts gave. Rows that were measured on Attune's side alone are left out. */
export function document(results: Results, python: PythonVersions, date: string): string {
  const { machine, versions, threads, peak, model } = results;
  const rows = rowsOf(full);
  const measured = rows.flatMap((row): Measured[] => {
    const result = results.rows[row.name];
    return result === undefined || result.pytorch === null
      ? []
      : [{ row, result: { ...result, pytorch: result.pytorch } }];
  });
  const missing = rows.filter(({ name }) => !measured.some(({ row }) => row.name === name));
  return `# Training speed against PyTorch

Written by \`npm run bench:train\` (bench/train) on ${date}; do not edit.

| | |
| --- | --- |
| machine | ${machine.processor}, ${machine.processors} processors (${machine.instructionSets.join(', ')}), ${gib(machine.memoryBytes)} GiB, Linux ${machine.kernel} |
| threads | ${threads} on either side |
| Attune | Node ${machine.node}, ONNX Runtime ${machine.onnxruntime}, engine ${versions.engine} |
| opponent | PyTorch ${python.torch}, transformers ${python.transformers}, PEFT ${python.peft}, accelerate ${python.accelerate}, Python ${python.python}: a Trainer script, [bench/train/opponent.py](../bench/train/opponent.py) |
| model | ${model.name}: ${model.parameters} million parameters, ${model.layers} layers, hidden size ${model.hiddenSize}, float32 on either side |
| peak | largest speed of a ${peak.size} × ${peak.size} matrix product: ONNX Runtime ${peak.attune.toFixed(0)}, PyTorch ${peak.pytorch.toFixed(0)} GFLOP/s |

For reading and writing of metrics see [performance-metrics.md](performance-metrics.md).

## Speed

Ratio: examples a second, Attune ÷ PyTorch; the median of the rounds, with the least and the greatest. A round is one
turn of each side, one directly after the other. Processor time is user and system time of the whole process: steadier
than wall time where other work runs too.

| work | goal | ratio | examples a second, Attune / PyTorch | processor time, PyTorch ÷ Attune | rounds |
| --- | --- | --- | --- | --- | --- |
${measured.map(speedRow).join('\n')}

## Memory

Largest resident memory of the whole process (VmHWM), imports, model loading and compilation included; in parentheses
what of it was there after the imports alone. A build of PyTorch with CUDA (\`+cu\` in its version) takes several hundred
MiB for its libraries that one for processors alone does not: the last column leaves out what was there after the
imports.

| work | Attune | PyTorch | ratio (goal ≤ 1.0) | ratio beyond the imports |
| --- | --- | --- | --- | --- |
${measured.map(memoryRow).join('\n')}

${fractions(measured, peak, model)}
${accuracies(measured)}
${missing.length === 0 ? '' : `Not measured: ${missing.map(({ title }) => title).join('; ')}.\n`}
## What the figures rest on

Same weights (the head included, drawn by transformers and imported into Attune), same data, same hyperparameters, same number of threads;
processes alternate on the same processors, and each stays idle during the other's turn. Before timing, the fixed-batch rows train
${agreement(measured)}

- **Fixed batches**: texts of exactly ${tokens} tokens, ${batchSize} a batch, so neither side pads; turns of ${turnSteps.steps} steps after 2 steps of
  warm-up; learning rate 5e-5, linear schedule, AdamW, clipping to norm 1, no weight decay (the Trainer's defaults).
  Times are from the end of one step to the end of the next: batching, forward, backward, clipping, optimizer, and what
  each trainer reports.
- **BANKING77**: 10,003 training and 3,080 test texts, 77 labels, cut to ${tokens} tokens (none is that long); batch 32, two
  epochs, learning rate 3e-4 with 10 % warm-up and linear decay, weight decay 0.01, dropout as the model's configuration
  says. Turns of ${turnSteps.epochs} steps until both have trained completely; Attune's compilation of its graph counts.
  Evaluations and checkpoints are left out of the times of both.
- **Frozen encoder**: the same data, learning rate 1e-2, 5 epochs. One turn of Attune is a whole training, with encoding
  the texts of both splits; one of the Trainer's is ${turnSteps.trainings} steps, all of which cost the same. Examples a second are
  examples × epochs ÷ time. Evaluations are left out of both.
- **Inference**: reading the split, tokenizing, forward passes, scores; the graphs are compiled and the model loaded
  before. The losses of both must agree within 1e-3.

### Differences between the two sides

- Attune sorts each epoch's shuffled examples by length before it cuts them into batches, and shuffles the batches,
  which leaves almost nothing to pad; the Trainer pads random batches to their longest text (its default).
- Attune computes the last layer for [CLS] alone when the head reads nothing else; transformers computes it for every token.
- Dropout masks are drawn by different generators. With dropout, losses agree in distribution only.
- Attune's steps are one ONNX graph on ONNX Runtime and an optimizer in WebAssembly; PyTorch runs eagerly, \`sdpa\`
  attention, fused AdamW: the Trainer's defaults.
- The Trainer's batch size would be 8 by default; both use 16 and 32. It would log every 500 steps; Attune reports each
  step's loss, learning rate and gradient norm.
- The frozen encoder runs without dropout on either side (the Trainer alone would leave it on). Attune encodes each text
  once and trains on the outputs; the Trainer runs the encoder in every step, which is what transformers offers.
- transformers has no mean-pooled classifier: the opponent's is a small module of its own (\`MeanPooledClassifier\`).
- In evaluation Attune takes batches of similar length and about as many tokens each, the Trainer its default of 8 texts
  in the data's order.
- LoRA's first factor is drawn by each side itself; the second starts at zero on both.
- Attune's recipe runs in the benchmark's process as it does in the worker's thread; the database is not part of it.

## Repeat

\`\`\`
ATTUNE_BENCH_PYTHON=python3 ATTUNE_BENCH_MODEL=all-MiniLM-L6-v2 ATTUNE_BENCH_DATA=banking77 ATTUNE_BENCH_THREADS=${threads} npm run bench:train
\`\`\`

The Python environment needs torch, transformers, peft and accelerate. [bench/train/main.ts](../bench/train/main.ts) explains the settings.
`;
}

function speedRow({ row: { title, goal }, result: { attune, pytorch, ratios } }: Measured): string {
  const speeds = [attune, pytorch].map((side) => speed(side).toFixed(1)).join(' / ');
  const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  const processor = processorPerExample(pytorch) / processorPerExample(attune);
  return `| ${title} | ≥ ${goal} | **${median(ratios).toFixed(2)}** (${range}) | ${speeds} | ${processor.toFixed(2)} | ${ratios.length} |`;
}

function memoryRow({ row: { title }, result: { attune, pytorch } }: Measured): string {
  const ratio = (attune.peakBytes / pytorch.peakBytes).toFixed(2);
  const of = ({ peakBytes, importedBytes }: SideResult) => `${mib(peakBytes)} MiB (${mib(importedBytes)})`;
  const beyond = ({ peakBytes, importedBytes }: SideResult) => peakBytes - importedBytes;
  const beyondImports = (beyond(attune) / beyond(pytorch)).toFixed(2);
  return `| ${title} | ${of(attune)} | ${of(pytorch)} | ${ratio} | ${beyondImports} |`;
}

/**
 * Products of a training step on [B,T] tokens: 24·H² operations a token and layer for the projections (H → 4H
 * feed-forward), 4·T·H for attention, forward; twice as many backward.
 */
function stepOperations({ layers, hiddenSize: H }: BaseModel, B: number, T: number): number {
  return 3 * B * T * layers * (24 * H * H + 4 * T * H);
}

function fractions(measured: readonly Measured[], peak: Peak, model: BaseModel): string {
  const whole = measured.filter(({ row: { kind, adapter } }) => kind === 'steps' && adapter === null);
  if (whole.length === 0) return '';
  const highest = Math.max(peak.attune, peak.pytorch) * 1e9;
  const share = (side: SideResult) => {
    const secondsPerStep = median(side.seconds.map((seconds, i) => (seconds * batchSize) / side.examples[i]!));
    return `${((100 * stepOperations(model, batchSize, tokens)) / (secondsPerStep * highest)).toFixed(0)} %`;
  };
  const lines = whole.map(
    ({ row, result: { attune, pytorch } }) => `| ${row.title} | ${share(attune)} | ${share(pytorch)} |`,
  );
  return `## Share of the matrix products' peak

Operations of all products of a step, forward and backward, every token in every layer, divided by its time and by the
larger of the two peaks above. Attune leaves out some of them (the last layer where only [CLS] is read) and is still
credited with all, as the work done is the same.

| work | Attune | PyTorch |
| --- | --- | --- |
${lines.join('\n')}
`;
}

function accuracies(measured: readonly Measured[]): string {
  const of = ({ evaluations }: SideResult) => evaluations.map(({ accuracy }) => accuracy.toFixed(4)).join(', ');
  const lines = measured.flatMap(({ row: { title, kind }, result: { attune, pytorch } }) => {
    if (attune.evaluations.length === 0) return [];
    const isTraining = kind === 'epochs' && pytorch.evaluations.length > 0;
    const time = isTraining ? [attune, pytorch].map((side) => `${sum(side.seconds).toFixed(0)} s`).join(' / ') : '–';
    const reached = isTraining ? timesToEqualAccuracy(attune, pytorch) : '–';
    return [`| ${title} | ${of(attune)} | ${of(pytorch) || '–'} | ${time} | ${reached} |`];
  });
  if (lines.length === 0) return '';
  return `## Accuracy on the test split

At each epoch's end. The last column is the time to the first epoch's end at which a side was as accurate as the worse
of the two ended. The Trainer's frozen encoder does not train to the end here. Inference is measured on the starting
weights, whose head knows nothing yet.

| work | Attune | PyTorch | whole training, Attune / PyTorch | to equal accuracy |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
}

/** Each side's time until it is as accurate as the worse of both final models, and the ratio. */
function timesToEqualAccuracy(attune: SideResult, pytorch: SideResult): string {
  const target = Math.min(...[attune, pytorch].map(({ evaluations }) => evaluations.at(-1)!.accuracy));
  const until = ({ evaluations, seconds }: SideResult) => {
    const epochs = 1 + evaluations.findIndex(({ accuracy }) => accuracy >= target);
    return (sum(seconds) * epochs) / evaluations.length;
  };
  const [own, theirs] = [until(attune), until(pytorch)];
  return `${target.toFixed(4)}: ${own.toFixed(0)} s / ${theirs.toFixed(0)} s, ${(theirs / own).toFixed(2)} times as fast`;
}

function agreement(measured: readonly Measured[]): string {
  const differences = measured.flatMap(({ result: { losses } }) =>
    losses === undefined ? [] : losses.attune.map((loss, step) => Math.abs(loss - losses.pytorch[step]!)),
  );
  if (differences.length === 0) return '(none measured).';
  return `three steps without dropout on one batch: losses differ by ${Math.max(...differences).toExponential(0)} at most.`;
}

function speed({ seconds, examples }: SideResult): number {
  return median(seconds.map((time, i) => examples[i]! / time));
}

function processorPerExample({ processorSeconds, examples }: SideResult): number {
  return sum(processorSeconds) / sum(examples);
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(0);
}
