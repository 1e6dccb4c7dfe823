import { expect, test } from 'vitest';
import { judgePreferences } from '../../../gpu-worker/training/preferences/judge-preferences.js';
import type { PreferenceScores } from '../../../gpu-worker/training/preferences/preference-measures.js';

const before: PreferenceScores = {
  rewardMargin: 0,
  accuracy: 0.5,
  chosenReward: 0,
  rejectedReward: 0,
  chosenLogProbability: -10,
  rejectedLogProbability: -10,
  tokenLogProbabilityMargin: 0,
  chosenLength: 4,
  rejectedLength: 4,
  rewardLengthCorrelation: null,
  kl: 0,
};
const found = (after: Partial<PreferenceScores>, examples = 20) =>
  judgePreferences('validation', before, { ...before, ...after }, examples);

test('a model more than half a nat a token from its reference is far from it', () => {
  expect(found({ kl: 0.5 })).toEqual([]);
  expect(found({ kl: 0.51 })).toEqual([
    { code: 'FAR_FROM_REFERENCE', split: 'validation', divergence: 0.51, mostDivergence: 0.5 },
  ]);
  expect(found({ kl: null })).toEqual([]);
});

test('rewards that follow length, up or down, are told of twenty examples or more', () => {
  for (const correlation of [0.7, -0.95]) {
    expect(found({ rewardLengthCorrelation: correlation })).toEqual([
      { code: 'PREFERENCES_FOLLOW_LENGTH', split: 'validation', correlation, correlationBefore: null },
    ]);
    expect(found({ rewardLengthCorrelation: correlation }, 19)).toEqual([]);
  }
  expect(found({ rewardLengthCorrelation: 0.69 })).toEqual([]);
});

test('better answers that became less likely are told with the others', () => {
  expect(found({ chosenLogProbability: -11, rejectedLogProbability: -14 })).toEqual([
    {
      code: 'CHOSEN_LESS_LIKELY',
      split: 'validation',
      chosenBefore: -10,
      chosenAfter: -11,
      rejectedBefore: -10,
      rejectedAfter: -14,
    },
  ]);
  expect(found({ chosenLogProbability: -9, rejectedLogProbability: -14 })).toEqual([]);
});
