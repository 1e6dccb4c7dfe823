import { expect, test } from 'vitest';
import { compareCounts } from '../../../src/loops/compare-counts.js';
import { judgeGate } from '../../../src/loops/judge-gate.js';
import type { LoopGate } from '../../../src/loops/loop.js';

const gate: LoopGate = {
  rule: 'NOT_WORSE',
  measure: 'accuracy',
  margin: 0.02,
  significance: 0.05,
  maxPerplexityRatio: null,
  maxPreferenceDrop: null,
};
const none = { candidate: null, current: null, start: null };
const figures = {
  hasFormer: true,
  isJudged: false,
  scores: none,
  perplexity: none,
  preferenceAccuracy: none,
  againstCurrent: null,
  againstStart: null,
};
const scores = (candidate: number | null, current: number | null) => ({
  ...figures,
  scores: { candidate, current, start: null },
});

test('the first model passes, whatever it scores', () => {
  expect(judgeGate(gate, { ...scores(0.1, null), hasFormer: false })).toMatchObject({ passed: true, reason: 'FIRST' });
});

test('a model may be worse by the margin, in the direction of the measure', () => {
  expect(judgeGate(gate, scores(0.78, 0.8))).toMatchObject({ passed: true, reason: 'NOT_WORSE' });
  expect(judgeGate(gate, scores(0.77, 0.8))).toMatchObject({ passed: false, reason: 'WORSE' });
  const loss = { ...gate, measure: 'loss' };
  expect(judgeGate(loss, scores(0.815, 0.8)).passed).toBe(true);
  expect(judgeGate(loss, scores(0.83, 0.8)).passed).toBe(false);
});

test('where people judge, the win rate decides and not the scores; without either nothing passes', () => {
  const won = (wins: number, losses: number) => ({
    ...scores(losses, wins),
    isJudged: true,
    againstCurrent: compareCounts({ wins, losses, ties: 0 }),
  });
  expect(judgeGate(gate, won(49, 51))).toMatchObject({ passed: true, reason: 'NOT_WORSE' });
  expect(judgeGate(gate, won(47, 53))).toMatchObject({ passed: false, reason: 'WORSE' });
  expect(judgeGate(gate, figures)).toMatchObject({ passed: false, reason: 'NOT_COMPARABLE' });
});

test('better is what wins more often, by a sign test: five of five are p = 1/16, six of six 1/32', () => {
  const better: LoopGate = { ...gate, rule: 'BETTER' };
  const won = (wins: number, losses: number) => ({
    ...scores(0.9, 0.1),
    againstCurrent: compareCounts({ wins, losses, ties: 90 }),
  });
  expect(won(5, 0).againstCurrent!.p).toBeCloseTo(1 / 16, 12);
  expect(judgeGate(better, won(5, 0))).toMatchObject({ passed: false, reason: 'NOT_BETTER' });
  expect(won(6, 0).againstCurrent!.p).toBeCloseTo(1 / 32, 12);
  expect(judgeGate(better, won(6, 0))).toMatchObject({ passed: true, reason: 'BETTER' });
  expect(judgeGate(better, won(0, 6)).passed).toBe(false);
  expect(judgeGate(better, won(0, 0)).passed).toBe(false);
  expect(judgeGate(better, scores(0.9, 0.1))).toMatchObject({ passed: false, reason: 'NOT_COMPARABLE' });
});

test('a model that lost its language does not pass, however often it wins; the first one neither', () => {
  const bounded = { ...gate, maxPerplexityRatio: 1.5 };
  const of = (candidate: number) => ({
    ...figures,
    isJudged: true,
    againstCurrent: compareCounts({ wins: 10, losses: 0, ties: 0 }),
    perplexity: { candidate, current: 9, start: 10 },
  });
  expect(judgeGate(bounded, of(15)).passed).toBe(true);
  expect(judgeGate(bounded, of(15.1))).toMatchObject({ passed: false, reason: 'PERPLEXITY_TOO_HIGH' });
  expect(judgeGate(bounded, of(Number.NaN)).passed).toBe(false);
});

test('a model that tells better answers less often than the former one does not pass, where that is looked at', () => {
  const of = (candidate: number, current: number | null) => ({
    ...scores(0.9, 0.8),
    preferenceAccuracy: { candidate, current, start: 0.9 },
  });
  const bounded = { ...gate, maxPreferenceDrop: 0.05 };
  expect(judgeGate(bounded, of(0.55, 0.6))).toMatchObject({ passed: true, reason: 'NOT_WORSE' });
  expect(judgeGate(bounded, of(0.54, 0.6))).toMatchObject({ passed: false, reason: 'PREFERENCES_WORSE' });
  expect(judgeGate(bounded, of(0.1, null)).passed).toBe(true);
  expect(judgeGate(gate, of(0.1, 0.6)).passed).toBe(true);
});

test('a rate counts ties as halves, and nothing compared has none', () => {
  expect(compareCounts({ wins: 3, losses: 1, ties: 4 })).toMatchObject({ rate: 0.625, p: expect.closeTo(0.625, 12) });
  expect(compareCounts({ wins: 0, losses: 0, ties: 4 })).toMatchObject({ rate: 0.5, p: null });
  expect(compareCounts({ wins: 0, losses: 0, ties: 0 })).toBeNull();
});
