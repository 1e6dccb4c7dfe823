import { expect, test } from 'vitest';
import { gwetAc1 } from '../../../src/statistics/agreement/gwet-ac1.js';
import { krippendorffAlpha } from '../../../src/statistics/agreement/krippendorff-alpha.js';
import { fitDawidSkene } from '../../../src/statistics/consensus/dawid-skene.js';
import { sharePosterior } from '../../../src/statistics/intervals.js';
import { createRandom, uniform } from '../../../src/statistics/random.js';
import { rankModels } from '../../../src/statistics/ranking/rank-models.js';
import { signTest } from '../../../src/statistics/sign-test.js';
import { tableOf } from './answers-of.js';

/** These digits, all of them, are what every version of Node gives: results that are stored do not change with it. */
test('the same answers and the same seed give the same bits', () => {
  const random = createRandom(41);
  const draw = (count: number) => Math.floor(uniform(random) * count);
  const rows = Array.from({ length: 3000 }, () => {
    const truth = draw(5);
    return Array.from({ length: 4 }, () => (uniform(random) < 0.3 ? null : uniform(random) < 0.7 ? truth : draw(5)));
  });
  const table = tableOf(rows, [0, 1, 2, 3, 4]);
  const { low, high } = krippendorffAlpha(table, 'ORDINAL', { seed: 9 }).interval;
  const { logLikelihood, posteriors } = fitDawidSkene(table, { model: 'CONFUSION' });
  const comparisons = Array.from({ length: 400 }, (_, i) => ({
    a: `m${i % 4}`,
    b: `m${(i + 1 + (i % 3)) % 4}`,
    outcome: (['A', 'B', 'TIE'] as const)[draw(3)]!,
    prompt: `p${i % 90}`,
  }));
  const ranked = rankModels(comparisons, { seed: 9, rounds: 100, ties: 'DAVIDSON' });
  const posterior = sharePosterior(812, 188);
  expect([
    low,
    high,
    gwetAc1(table, { seed: 9 }).interval.high,
    logLikelihood,
    posteriors[17]![2],
    ranked.tieParameter,
    ranked.models[0]!.rating,
    ranked.models[0]!.interval.low,
    posterior.low,
    signTest(520, 480),
  ]).toEqual([
    0.46168661093164076, 0.5142567741736489, 0.5067663232453987, -11104.458776894862, 0.0005316523537908737,
    1.0660703103963116, 1011.9603747144505, 969.4906702907533, 0.786588476738149, 0.21744829320411324,
  ]);
});
