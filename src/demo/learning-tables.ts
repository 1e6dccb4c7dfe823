import Table from 'cli-table3';
import { type AnsweredTask, type Choice, choices, type LearntModel } from './learnt-from-people.js';

const plain = { style: { head: [], border: [] } };

/** Three tables with a line above each: accuracy by labels spent, agreement, and how often labels are the true ones. */
export function learningTables(
  models: readonly LearntModel[],
  tasks: readonly AnsweredTask[],
  truth: ReadonlyMap<string, string>,
): string[] {
  return [
    `Accuracy by labels spent, mean ± standard deviation of ${new Set(models.map(({ seed }) => seed)).size} seeds:\n\n${accuracies(models)}`,
    `Krippendorff's α of each task with its interval of 95 % over items:\n\n${agreements(tasks)}`,
    `Of all labels, so many are the true ones:\n\n${recovered(tasks, truth)}`,
    verdict(models),
  ];
}

function accuracies(models: readonly LearntModel[]): string {
  const table = new Table({ head: ['e-mails', 'answers', ...choices, 'difference, of pairs'], ...plain });
  for (const round of roundsOf(models)) {
    const of = (choice: Choice) => models.filter((model) => model.round === round && model.choice === choice);
    const answers = models.filter((model) => model.round === round).map((model) => model.answers);
    table.push([
      String(of('random')[0]!.items),
      meanOf(answers).toFixed(0),
      ...choices.map((choice) => points(of(choice).map(({ accuracy }) => accuracy))),
      round === 0 ? 'the same models' : points(differencesOf(models, round)),
    ]);
  }
  return table.toString();
}

/** Of each seed, how much more accurate the model of uncertain e-mails is. */
function differencesOf(models: readonly LearntModel[], round: number): number[] {
  const at = (choice: Choice, seed: number) =>
    models.find((model) => model.round === round && model.choice === choice && model.seed === seed)!.accuracy;
  const seeds = [...new Set(models.map(({ seed }) => seed))];
  return seeds.map((seed) => at('uncertain', seed) - at('random', seed));
}

function agreements(tasks: readonly AnsweredTask[]): string {
  const seeds = [...new Set(tasks.map(({ seed }) => seed))].sort((a, b) => a - b);
  const table = new Table({ head: ['task', ...seeds.map((seed) => `seed ${seed}`)], ...plain });
  for (const choice of ['start', ...choices] as const) {
    const rows = seeds.map((seed) => tasks.filter((task) => task.choice === choice && task.seed === seed));
    for (let round = 0; round < rows[0]!.length; round++) {
      const name = choice === 'start' ? choice : `${choice} ${round + 1}`;
      table.push([name, ...rows.map((row) => alphaOf(row[round]!))]);
    }
  }
  return table.toString();
}

function alphaOf({ alpha: { value, lower, upper } }: AnsweredTask): string {
  if (value === null) return '–';
  const interval = lower === null || upper === null ? '' : ` [${lower.toFixed(2)}, ${upper.toFixed(2)}]`;
  return `${value.toFixed(2)}${interval}`;
}

/** By the majority, and by both forms of Dawid and Skene's model. */
function recovered(tasks: readonly AnsweredTask[], truth: ReadonlyMap<string, string>): string {
  const head = ['of', 'labels', 'majority', 'Dawid–Skene, matrices', 'Dawid–Skene, one coin'];
  const table = new Table({ head, ...plain });
  for (const [name, which] of [
    ['random e-mails', tasks.filter(({ choice }) => choice !== 'uncertain')],
    ['uncertain e-mails', tasks.filter(({ choice }) => choice === 'uncertain')],
    ['all', tasks],
  ] as const) {
    const items = which.flatMap((task) => task.items);
    const right = (of: (item: (typeof items)[number]) => string | null) =>
      `${((100 * items.filter((item) => of(item) === truth.get(item.text)).length) / items.length).toFixed(1)} %`;
    table.push([
      name,
      String(items.length),
      right(({ majority }) => majority),
      right(({ byMatrices }) => byMatrices),
      right(({ byOneCoin }) => byOneCoin),
    ]);
  }
  return table.toString();
}

/** Student's t of 95 %, two-sided, by degrees of freedom from 1. */
const student = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** What the figures say, whichever way they fall. */
function verdict(models: readonly LearntModel[]): string {
  const differences = differencesOf(models, Math.max(...roundsOf(models)));
  const mean = meanOf(differences);
  const reach = (student[differences.length - 2]! * deviationOf(differences)) / Math.sqrt(differences.length);
  const [lower, upper] = [mean - reach, mean + reach].map((share) => (100 * share).toFixed(1));
  const inFavour = differences.filter((difference) => difference > 0).length;
  const isClear = Math.abs(mean) > reach;
  return [
    `What it is worth: after the last round, asking about uncertain e-mails is ${(100 * mean).toFixed(2)} points ahead of random ones`,
    `(interval of 95 % by Student's t: ${lower} to ${upper}), with ${inFavour} of ${differences.length} seeds in its favour. ${
      isClear
        ? `That is more than chance makes of ${differences.length} seeds.`
        : `${differences.length} seeds do not tell that from chance.`
    }`,
  ].join('\n');
}

function roundsOf(models: readonly LearntModel[]): number[] {
  return [...new Set(models.map(({ round }) => round))].sort((a, b) => a - b);
}

function points(shares: readonly number[]): string {
  return `${(100 * meanOf(shares)).toFixed(2)} ± ${(100 * deviationOf(shares)).toFixed(2)} %`;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of a sample: divided by n − 1. */
function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
