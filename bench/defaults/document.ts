import {
  batchSizeDefaults,
  measuredWidth,
  mostEpochs,
  trainingDefaults,
} from '../../src/experiments/hyperparameter-defaults.js';
import type { Machine } from '../machine.js';
import { sum } from '../statistics.js';
import { baseTitles, type Cell, type CellResult, type DatasetName, datasetNames, methodTitles } from './cell.js';
import { datasets } from './datasets.js';

/** Which cells are the defaults, now and before they were chosen by these figures. */
export interface Chosen {
  readonly now: (cell: Cell) => boolean;
  readonly before: (cell: Cell) => boolean;
}

export interface Documented {
  readonly machine: Machine;
  readonly engine: string;
  readonly date: string;
}

const { few, ofFew, usual } = batchSizeDefaults;

/** docs/methods/defaults.md. */
export function document(results: readonly CellResult[], chosen: Chosen, of: Documented): string {
  const tables = tablesOf(results);
  return `# Default hyperparameters, measured

Written by \`npm run bench:defaults\` (bench/defaults) on ${of.date}; do not edit. Learning rates and updates
were chosen by these figures; the rule is \`src/experiments/hyperparameter-defaults.ts\`, and
\`planExperiment { defaults }\` tells it with its reasons. What stands in no table was not measured: the batch and the
least epochs of larger training splits are a choice.

\`\`\`sh
ATTUNE_BENCH_MODEL=all-MiniLM-L6-v2 ATTUNE_BENCH_DATA=data npm run bench:defaults
\`\`\`

## The rule

| trained | learning rate, up to ${measuredWidth} wide | wider, not measured | updates | least epochs | batch |
| --- | --- | --- | --- | --- | --- |
${Object.entries(trainingDefaults)
  .map(([kind, rule]) => {
    const { what, measuredRate, widerRate, updates, leastEpochs } = rule;
    const batch =
      kind === 'headsAlone' ? usual : `${ofFew}; ${usual} for more than ${few.toLocaleString('en')} examples`;
    return `| ${[what, measuredRate, widerRate, updates, leastEpochs, batch].join(' | ')} |`;
  })
  .join('\n')}

The epochs are as many as come to the updates, at least those of the table and at most ${mostEpochs}. Rates for wider
models are those that are usual for BERT-base: the default of transformers' trainer, and ten times it for adapters.

## How it was measured

Every figure is one training by the product's own recipe from seed 0, on texts cut to 64 tokens; what the table does not
name has the default that the schema states. Scores are those of the validation rows after the last epoch: the
accuracy, of SICK Pearson's r, in hundredths. **Regret** is how far a line stays behind the best line of its
table, in the mean over the datasets that it and another line were measured on (their number in brackets); differences of one or two hundredths are within what
another seed changes. A dash: not measured. Bold lines are the defaults; “formerly” marks those before these figures. Measured with engine
${of.engine} on ${of.machine.processor}, Node ${of.machine.node}.

MiniLM is all-MiniLM-L6-v2: a BERT of 6 layers of 384, 22.7 million parameters, whose heads read the mean, as its files
say. Universal Sentence Encoder Lite has 2 layers of 512 and 7.0 million parameters, and reads no pairs.

| dataset | what |
| --- | --- |
${datasetNames
  .filter((name) => results.some(({ dataset }) => dataset === name))
  .map((name) => `| ${name} | ${datasets[name].title} |`)
  .join('\n')}

## How far the defaults stay behind the best

| trained | examples | regret of the defaults | formerly |
| --- | --- | --- | --- |
${tables.map((table) => `| ${table.title} | ${table.examples} | ${regretOf(table, chosen.now)} | ${regretOf(table, chosen.before)} |`).join('\n')}

${tables.map((table) => section(table, chosen)).join('\n\n')}
`;
}

/** The scores of one base model, method and number of examples. */
interface Table {
  readonly title: string;
  readonly examples: number;
  readonly validationExamples: number;
  readonly datasets: readonly DatasetName[];
  readonly lines: readonly Line[];
}

/** One choice of hyperparameters, on several datasets. */
interface Line {
  readonly cell: Cell;
  readonly scores: ReadonlyMap<DatasetName, number>;
  /** On how many datasets there is another line. */
  readonly compared: number;
  /** In the mean over these; null where there are none. */
  readonly regret: number | null;
}

function tablesOf(results: readonly CellResult[]): Table[] {
  const groups = groupBy(results, ({ base, method, examples, validationExamples }) =>
    [base, method, String(examples).padStart(9), validationExamples].join(' '),
  );
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => tableOf(group));
}

function tableOf(group: readonly CellResult[]): Table {
  const { base, method, examples, validationExamples } = group[0]!;
  const best = new Map<DatasetName, number>();
  for (const { dataset, scores } of group) {
    best.set(dataset, Math.max(best.get(dataset) ?? Number.NEGATIVE_INFINITY, scores.at(-1)!));
  }
  const settings = groupBy(group, ({ learningRate, epochs, batchSize }) => `${learningRate} ${epochs} ${batchSize}`);
  const lines = [...settings.values()].map((results): Line => {
    const scores = new Map(results.map(({ dataset, scores }) => [dataset, scores.at(-1)!]));
    const compared = [...scores].filter(([name]) => group.filter(({ dataset }) => dataset === name).length > 1);
    const regrets = compared.map(([dataset, score]) => best.get(dataset)! - score);
    const regret = regrets.length === 0 ? null : sum(regrets) / regrets.length;
    return { cell: results[0]!, scores, compared: compared.length, regret };
  });
  lines.sort(({ cell: a }, { cell: b }) => a.epochs - b.epochs || a.learningRate - b.learningRate);
  const title = `${baseTitles[base]}, ${methodTitles[method]}`;
  return { title, examples, validationExamples, datasets: datasetNames.filter((name) => best.has(name)), lines };
}

function regretOf({ lines }: Table, isIt: (cell: Cell) => boolean): string {
  const line = lines.find(({ cell }) => isIt(cell));
  return line === undefined || line.regret === null ? '–' : `${hundredths(line.regret)} (${line.compared})`;
}

function section({ title, examples, validationExamples, datasets, lines }: Table, chosen: Chosen): string {
  const rows = lines.map(({ cell, scores, regret }) => {
    const mark = chosen.now(cell) ? '**' : '';
    const former = chosen.before(cell) ? ' (formerly)' : '';
    const values = datasets.map((name) => (scores.has(name) ? hundredths(scores.get(name)!) : '–'));
    const rate = `${mark}${cell.learningRate}${mark}${former}`;
    return `| ${[rate, cell.epochs, cell.batchSize, ...values, regret === null ? '–' : hundredths(regret)].join(' | ')} |`;
  });
  return `## ${title}, ${examples.toLocaleString('en')} examples (validation: ${validationExamples})

| ${['learning rate', 'epochs', 'batch', ...datasets, 'regret'].join(' | ')} |
|${' --- |'.repeat(datasets.length + 4)}
${rows.join('\n')}`;
}

function hundredths(value: number): string {
  return (100 * value).toFixed(1);
}

function groupBy<Value>(values: readonly Value[], keyOf: (value: Value) => string): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}
