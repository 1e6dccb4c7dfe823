import { sum } from '../statistics.js';
import { type Figure, figuresOf, onBothSides, written } from './figures.js';
import type { PythonVersions, Setting, Training, Trainings } from './results.js';
import type { Scale } from './scale.js';
import { type Work, works } from './works.js';

/** Below this share of the threads' time, other work had the processors. */
const quiet = 0.7;

export interface Documented extends Setting {
  readonly scale: Scale;
  readonly python: PythonVersions;
}

/** docs/methods/figures.md. Works that were not measured on both sides are left out. */
export function document(of: Documented, trainings: Trainings, date: string): string {
  const { machine, versions, threads, model, scale, python } = of;
  const measured = works.flatMap((work) => {
    const done = (trainings[work.name] ?? []).filter(({ pytorch }) => pytorch !== null);
    return done.length === 0 ? [] : [{ work, done }];
  });
  return `# Heads of every kind, measured beside transformers

Written by \`npm run bench:heads\` (bench/heads) on ${date}; do not edit.

| | |
| --- | --- |
| machine | ${machine.processor}, ${machine.processors} processors (${machine.instructionSets.join(', ')}), Linux ${machine.kernel}; ${threads} threads on either side |
| Attune | Node ${machine.node}, ONNX Runtime ${machine.onnxruntime}, engine ${versions.engine} |
| opponent | PyTorch ${python.torch}, transformers ${python.transformers}, Python ${python.python}: a loop of its own, [bench/heads/opponent.py](../../bench/heads/opponent.py); scores by scikit-learn ${python['scikit-learn']}, SciPy and seqeval ${python.seqeval} |
| model | ${model.name}: ${model.parameters} million parameters, all of them trained; heads of texts read its pooler, heads of words the last states |
| budget | AdamW, linear warm-up and decay of the learning rate, clipping to norm 1, dropout as configured; the rest stands with each work |
| seeds | of new heads, the order of the batches, and dropout; the rows are the same for all |

Figures are the mean over the seeds, with the least and the greatest. Both sides see the same rows with the same budget,
in batches of similar length; several heads train together, their losses added with a weight of 1 each. Random numbers
differ between the sides, so that figures agree in distribution alone. Biases of new heads start at zero, but for those
of Attune's multi-label heads, which start at each label's log-odds ([multi-label.md](multi-label.md)).

${measured.map(({ work, done }) => section(work, done, scale)).join('\n')}
## Time

Of one training, with reading and tokenizing the rows, compiling, and scoring the validation rows after each epoch.
Processor time is user and system time of the process.

| work | seconds, Attune | seconds, PyTorch | processor seconds, Attune | processor seconds, PyTorch | PyTorch ÷ Attune, processor time |
| --- | --- | --- | --- | --- | --- |
${measured.map(({ work, done }) => timeRow(work, done)).join('\n')}

${remark(
  measured.flatMap(({ done }) => done),
  threads,
)}
## Repeat

\`\`\`
ATTUNE_BENCH_PYTHON=python3 ATTUNE_BENCH_MODEL=all-MiniLM-L6-v2 ATTUNE_BENCH_DATA=data ATTUNE_BENCH_THREADS=${threads} npm run bench:heads
\`\`\`

[bench/heads/main.ts](../../bench/heads/main.ts) explains the settings, and where the data are from.
`;
}

function section(work: Work, done: readonly Training[], scale: Scale): string {
  const { rows, budget } = scale.works[work.name];
  const { batchSize, epochs, learningRate, weightDecay, warmupRatio, maxLength } = budget;
  const figures = figuresOf(work, done).map(({ title, attune, pytorch }: Figure) => {
    return `| ${title} | ${written(attune, 3)} | ${pytorch === null ? '–' : written(pytorch, 3)} |`;
  });
  return `## ${work.title}

${rows.train} training, ${rows.validation} validation and ${rows.test} test rows; ${epochs} epochs, batches of ${batchSize}, learning rate ${learningRate}
with ${100 * warmupRatio} % warm-up, weight decay ${weightDecay}, texts cut to ${maxLength} tokens; ${done.length} ${done.length === 1 ? 'seed' : 'seeds'}.

| on the test rows | Attune | transformers |
| --- | --- | --- |
${figures.join('\n')}
`;
}

function timeRow(work: Work, done: readonly Training[]): string {
  const wall = onBothSides(done, ({ seconds }) => seconds);
  const processor = onBothSides(done, ({ processorSeconds }) => processorSeconds);
  const ratio = (processor.pytorch?.mean ?? Number.NaN) / processor.attune.mean;
  const cells = [wall.attune, wall.pytorch, processor.attune, processor.pytorch].map(
    (spread) => spread && written(spread, 0),
  );
  return `| ${[work.name, ...cells, ratio.toFixed(2)].join(' | ')} |`;
}

/** Whether the machine was busy: then wall time says little. */
function remark(done: readonly Training[], threads: number): string {
  const sides = done.flatMap(({ attune, pytorch }) => (pytorch === null ? [attune] : [attune, pytorch]));
  const share = sum(sides.map((side) => side.processorSeconds)) / (threads * sum(sides.map((side) => side.seconds)));
  if (share >= quiet) return '';
  return `The machine was busy with other work: the trainings had ${(100 * share).toFixed(0)} % of ${threads} processors' time, so that wall
time says little here.
`;
}
