import { expect, test } from 'vitest';
import { recommendHyperparameters } from '../../../src/experiments/recommend-hyperparameters.js';
import { miniLmConfig } from '../../support/mini-lm.js';
import { type hyperparameters, languageModellingSpec, supervisedSpec } from '../../support/specs.js';

const model = { config: miniLmConfig, contextLength: 512 };

/** Lengths 1 … 100. */
const upToHundred = Array.from({ length: 100 }, (_, index) => index + 1);

function recommended(
  trainExamples: number,
  h: Partial<typeof hyperparameters> = {},
  lengths: readonly number[] = upToHundred,
) {
  const spec = supervisedSpec({ hyperparameters: { batchSize: 16, maxLength: 128, ...h } });
  const all = recommendHyperparameters(spec, model, { trainExamples, trainRows: trainExamples, lengths }, 'heads');
  return new Map(all.map((each) => [each.hyperparameter, each]));
}

test('a length that 99 of 100 texts keep to, in eights, within what the model reads', () => {
  expect(recommended(500).get('maxLength')).toMatchObject({ value: '104', source: 'DATA', isPlanned: false });
  expect(recommended(500, { maxLength: 104 }).get('maxLength')!.isPlanned).toBe(true);
  const { reason } = recommended(500).get('maxLength')!;
  for (const figure of ['middle one has 50', '99 % at most 99', 'longest 100', 'cuts 0 %']) {
    expect(reason).toContain(figure);
  }
  // Long texts: what 95 of 100 need, 950, but the model reads 512 tokens.
  const long = recommended(
    500,
    {},
    upToHundred.map((length) => 10 * length),
  ).get('maxLength')!;
  expect(long.value).toBe('512');
  for (const figure of ['95 % at most 950', 'at most 512', 'cuts 49 %']) expect(long.reason).toContain(figure);
  // Short ones: never below 16.
  expect(recommended(500, {}, [3, 4, 5]).get('maxLength')!.value).toBe('16');
});

test('what was measured is the default, and says where its figures are; what was not is told as usual', () => {
  // 320 examples in batches of 16 are 20 updates: ten epochs make the 200 that are wanted.
  const found = recommended(320, { epochs: 10 });
  expect(found.get('epochs')).toMatchObject({ value: '10', source: 'MEASURED', isPlanned: true });
  expect(found.get('epochs')!.reason).toContain('about 160 examples for each of 2 labels');
  expect(found.get('learningRate')).toMatchObject({ value: '0.0003', source: 'MEASURED', isPlanned: false });
  expect(found.get('batchSize')).toMatchObject({ value: '16', isPlanned: true });
  expect(found.get('warmupRatio')!.reason).toContain('first 20 of 200 updates');

  const wide = { ...model, config: { ...miniLmConfig, hiddenSize: 768 } };
  const data = { trainExamples: 320, trainRows: 320, lengths: upToHundred };
  const [rate] = recommendHyperparameters(supervisedSpec(), wide, data, 'heads');
  expect(rate).toMatchObject({ hyperparameter: 'learningRate', value: '0.00005', source: 'PUBLISHED' });
});

test('evaluations come about every 250 updates where an epoch is long, and early stopping where there are six', () => {
  // 1000 updates an epoch: four evaluations in each, 12 in all.
  const many = recommended(16_000, { epochs: 3 });
  expect(many.get('evaluateEverySteps')).toMatchObject({ value: '250', isPlanned: false });
  expect(many.get('earlyStopping.patience')).toMatchObject({ value: '3', source: 'PUBLISHED' });
  expect(many.get('earlyStopping.patience')!.reason).toContain('12 evaluations over 16,000 examples');
  // 20 updates an epoch, and three of them.
  const few = recommended(320, { epochs: 3 });
  expect(few.get('evaluateEverySteps')).toMatchObject({ value: 'null', isPlanned: true });
  expect(few.get('earlyStopping.patience')).toMatchObject({ value: 'null', isPlanned: true });
  expect(recommended(320, { epochs: 6 }).get('earlyStopping.patience')!.value).toBe('3');
});

test('an adapter has a smaller rank for few examples, and without one nothing is said of ranks', () => {
  const adapter = { rank: 8, alpha: 16, rankStabilized: false, dropout: 0, targetModules: ['query', 'value'] };
  expect(recommended(50, { adapter }).get('adapter.lora.rank')).toMatchObject({ value: '4', isPlanned: false });
  expect(recommended(5000, { adapter }).get('adapter.lora.rank')).toMatchObject({ value: '8', isPlanned: true });
  expect(recommended(50).has('adapter.lora.rank')).toBe(false);
});

test('documents are divided, so that no length is recommended for them', () => {
  const data = { trainExamples: 100, trainRows: 40, lengths: upToHundred };
  const names = recommendHyperparameters(languageModellingSpec(), model, data, 'tokens').map(
    ({ hyperparameter }) => hyperparameter,
  );
  expect(names).toEqual([
    'learningRate',
    'batchSize',
    'epochs',
    'warmupRatio',
    'evaluateEverySteps',
    'earlyStopping.patience',
  ]);
});
