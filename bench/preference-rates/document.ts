import type { Machine } from '../machine.js';
import { type CellResult, type LearnerName, learnerNames, learnerTitles, type Measured, partTitles } from './cell.js';
import { errorRate, sizes } from './grid.js';

/** docs/methods/preference-rates.md. */
export function document(
  results: readonly CellResult[],
  { machine, engine, date }: { readonly machine: Machine; readonly engine: string; readonly date: string },
): string {
  const writes = results.some(({ learner }) => learner === 'grpo')
    ? `GRPO writes 8 completions of up to 32 tokens to each of ${sizes.prompts} words, and a token costs 0.1. `
    : '';
  return `# Learning rates of preference training, measured

Written by \`npm run bench:preference-rates\` (bench/preference-rates) on ${date}; do not edit. The default learning rates
of preference optimization (\`src/experiments/preference-rates.ts\`) were held against these figures. What stands in no
table was not measured: an adapter's rates are ten times those of all layers, and those of reward models and policies
are usual ones.

Every line is one training by the product's own recipe, from seed 0, of \`gloss-lm\` (3.6 M parameters, 256 wide), which
had learned ${sizes.tuned.toLocaleString('en')} definitions of WordNet before. Batches have 8 examples; what is not named has the default that the
schema states. ${sizes.pairs} pairs are learned: to a word its own definition is better than that of another word of the same
kind, and ${100 * errorRate} % of them are the wrong way round. ${sizes.heldOut} pairs without errors are held out; no model has read their
definitions. ${writes}Of one seed and ${sizes.heldOut} pairs, accuracies that are 0.05 apart say little (the standard error of one is 0.035).

- **accuracy**: share of the held-out pairs of which the better answer became likelier than the other one, against the
  start (0.5: nothing was learned, ties count half); of reward models that with the higher reward
- **better answers**: by how many nats a better answer became likelier, in the mean; far below 0 the model has unlearned
  what it is to write
- **KL**: from the start, in nats a token

Measured with engine ${engine} on ${machine.processor}, Node ${machine.node}.

${learnerNames
  .filter((name) => results.some(({ learner }) => learner === name))
  .map((name) => section(name, results))
  .join('\n\n')}
`;
}

function section(name: LearnerName, all: readonly CellResult[]): string {
  const results = all.filter(({ learner }) => learner === name);
  const [first] = results;
  const columns = columnsOf(name);
  const before = columns.flatMap(({ title, start }) => {
    const value = start?.(first!.before) ?? null;
    return value === null ? [] : [`${title} ${value}`];
  });
  return `## ${learnerTitles[name]}
${before.length === 0 ? '' : `\nBefore: ${before.join(', ')}.\n`}
| trained | learning rate | ${columns.map(({ title }) => title).join(' | ')} |
| --- | --- | ${columns.map(() => '---').join(' | ')} |
${[...results]
  .sort((a, b) => (a.part === b.part ? a.learningRate - b.learningRate : a.part < b.part ? -1 : 1))
  .map(
    (result) =>
      `| ${partTitles[result.part]} | ${result.learningRate} | ${columns.map(({ of }) => of(result) ?? '–').join(' | ')} |`,
  )
  .join('\n')}`;
}

interface Column {
  readonly title: string;
  readonly of: (result: CellResult) => string | null;
  /** What it was before the first update; absent: nothing that is worth a word. */
  readonly start?: (before: Measured) => string | null;
}

function columnsOf(name: LearnerName): readonly Column[] {
  const accuracy: Column = {
    title: 'accuracy',
    of: ({ after }) => fixed(after.accuracy, 3),
  };
  const chosen: Column = {
    title: 'better answers',
    of({ before, after }) {
      if (before.chosenLogProbability === null || after.chosenLogProbability === null) return null;
      return fixed(after.chosenLogProbability - before.chosenLogProbability, 1);
    },
  };
  const kl: Column = { title: 'KL', of: ({ after }) => fixed(after.kl, 3) };
  const reward: Column = {
    title: 'held-out reward',
    of: ({ after }) => fixed(after.reward, 2),
    start: (before) => fixed(before.reward, 2),
  };
  switch (name) {
    case 'reward':
      return [accuracy];
    case 'grpo':
      return [reward, kl];
    case 'dpo':
    case 'kto':
    case 'orpo':
    case 'simpo':
    case 'cpo':
      return [accuracy, chosen, kl];
    default:
      return name satisfies never;
  }
}

function fixed(value: number | null, digits: number): string | null {
  return value === null ? null : value.toFixed(digits).replace('-', '−');
}
