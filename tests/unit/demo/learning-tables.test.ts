import { expect, test } from 'vitest';
import { learningTables } from '../../../src/demo/learning-tables.js';
import type { AnsweredTask, LearntModel } from '../../../src/demo/learnt-from-people.js';

/** Of two seeds: accuracies after the start, then of both choices after one round. */
const models = ([start, uncertain, random]: readonly number[], seed: number): LearntModel[] => [
  { seed, choice: 'uncertain', round: 0, items: 60, answers: 130, accuracy: start! },
  { seed, choice: 'random', round: 0, items: 60, answers: 130, accuracy: start! },
  { seed, choice: 'uncertain', round: 1, items: 100, answers: 220, accuracy: uncertain! },
  { seed, choice: 'random', round: 1, items: 100, answers: 230, accuracy: random! },
];

const task = (choice: AnsweredTask['choice'], items: AnsweredTask['items']): AnsweredTask => ({
  id: choice,
  name: choice,
  seed: 1,
  choice,
  answers: 8,
  alpha: { value: 0.5, lower: 0.25, upper: 0.75 },
  items,
});

const said = (text: string, majority: string | null, byMatrices: string) => ({
  text,
  majority,
  byMatrices,
  byOneCoin: 'ham',
});

const tasks = [
  task('start', [said('a', 'ham', 'ham'), said('b', null, 'spam')]),
  task('uncertain', [said('c', 'ham', 'spam'), said('d', 'ham', 'spam')]),
];
const truth = new Map([
  ['a', 'ham'],
  ['b', 'spam'],
  ['c', 'spam'],
  ['d', 'ham'],
]);

/** The cells of a table's rows, without the lines around them. */
const cells = (table: string) =>
  table
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

test('accuracies are means of seeds with the deviation of a sample, and differences are of pairs', () => {
  const [accuracy] = learningTables([...models([0.8, 0.95, 0.8], 1), ...models([0.6, 0.75, 0.8], 2)], tasks, truth);
  expect(cells(accuracy!)).toEqual([
    ['e-mails', 'answers', 'uncertain', 'random', 'difference, of pairs'],
    // Two values d apart deviate by d / √2.
    ['60', '130', '70.00 ± 14.14 %', '70.00 ± 14.14 %', 'the same models'],
    ['100', '225', '85.00 ± 14.14 %', '80.00 ± 0.00 %', '5.00 ± 14.14 %'],
  ]);
});

test('agreement has its interval, and labels are held against the true ones: a tie is none', () => {
  const [, agreement, recovered] = learningTables(
    [...models([0.8, 0.95, 0.8], 1), ...models([0.6, 0.75, 0.8], 2)],
    tasks,
    truth,
  );
  expect(cells(agreement!)).toEqual([
    ['task', 'seed 1'],
    ['start', '0.50 [0.25, 0.75]'],
    ['uncertain 1', '0.50 [0.25, 0.75]'],
  ]);
  expect(cells(recovered!)).toEqual([
    ['of', 'labels', 'majority', 'Dawid–Skene, matrices', 'Dawid–Skene, one coin'],
    ['random e-mails', '2', '50.0 %', '100.0 %', '50.0 %'],
    ['uncertain e-mails', '2', '50.0 %', '50.0 %', '50.0 %'],
    ['all', '4', '50.0 %', '75.0 %', '50.0 %'],
  ]);
});

test('a difference is called clear only where an interval by Student’s t leaves chance out', () => {
  const verdict = (...runs: readonly (readonly number[])[]) =>
    learningTables(runs.flatMap(models), tasks, truth).at(-1);
  // Differences of 4 and 6 points: 5 ± 12.706 · √2 / √2.
  const unclear = verdict([0.8, 0.84, 0.8], [0.8, 0.86, 0.8]);
  expect(unclear).toContain('5.00 points ahead');
  expect(unclear).toContain('-7.7 to 17.7');
  expect(unclear).toContain('2 seeds do not tell that from chance.');
  // 5.0 and 5.2 points: 5.1 ± 12.706 · 0.1.
  const clear = verdict([0.8, 0.85, 0.8], [0.8, 0.852, 0.8]);
  expect(clear).toContain('3.8 to 6.4');
  expect(clear).toContain('That is more than chance makes of 2 seeds.');
});
