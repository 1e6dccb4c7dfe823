import { describe, expect, it } from 'vitest';
import { leastReadingMs } from '../../../src/statistics/annotators/annotator-flags.js';
import { measureAnnotators, type RecordedAnswer } from '../../../src/statistics/annotators/measure-annotators.js';
import { createRandom, uniform } from '../../../src/statistics/random.js';

const answer = (annotator: string, unit: string, label: string, rest: Partial<RecordedAnswer> = {}) => ({
  annotator,
  unit,
  label,
  ...rest,
});
const numbered = <Each>(count: number, make: (index: number) => Each) =>
  Array.from({ length: count }, (_, i) => make(i));
const only = (answers: readonly RecordedAnswer[], name = 'ann') =>
  measureAnnotators(answers, ['x', 'y']).find(({ annotator }) => annotator === name)!;

describe('what answers tell of a person', () => {
  it('is how often others agree with her, by pairs', () => {
    const found = only([
      answer('ann', 'u', 'x'),
      answer('ben', 'u', 'x'),
      answer('cem', 'u', 'y'),
      answer('ann', 'v', 'x'),
      answer('ben', 'v', 'y'),
      answer('ann', 'w', 'x'),
    ]);
    expect(found.agreement).toEqual({ share: 1 / 3, pairCount: 3, unitCount: 2 });
    expect(only([answer('ann', 'u', 'x'), answer('ben', 'v', 'x')]).agreement.share).toBeNull();
  });

  it('is her accuracy on hidden tasks, which say nothing of agreement', () => {
    const found = only([
      ...numbered(3, (i) => answer('ann', `g${i}`, i === 2 ? 'y' : 'x', { expected: 'x' })),
      ...numbered(3, (i) => answer('ben', `g${i}`, 'x', { expected: 'x' })),
      answer('ann', 'u', 'x'),
      answer('ben', 'u', 'y'),
    ]);
    expect(found.gold).toMatchObject({ right: 2, wrong: 1, mean: 3 / 5 });
    // Beta(3, 2): its distribution function is 4x³ − 3x⁴.
    expect(4 * found.gold.low ** 3 - 3 * found.gold.low ** 4).toBeCloseTo(0.025, 10);
    expect(4 * found.gold.high ** 3 - 3 * found.gold.high ** 4).toBeCloseTo(0.975, 10);
    expect(found.agreement).toEqual({ share: 0, pairCount: 1, unitCount: 1 });
    // Of a person without hidden tasks nothing is known: Beta(1, 1).
    const { low, high, mean } = only([answer('ann', 'u', 'x')]).gold;
    expect([low, high, mean]).toEqual([expect.closeTo(0.025, 10), expect.closeTo(0.975, 10), 0.5]);
  });

  it('is the side that she prefers, ties left out', () => {
    const found = only([
      ...numbered(6, (i) => answer('ann', `l${i}`, 'x', { side: 'LEFT' })),
      ...numbered(2, (i) => answer('ann', `r${i}`, 'x', { side: 'RIGHT' })),
      answer('ann', 'tie', 'x'),
    ]);
    expect(found.left).toMatchObject({ count: 6, of: 8, share: 0.75 });
    expect(found.left.interval!.low).toBeLessThan(0.5);
  });

  it('is whether she says the same again, and the first answer counts', () => {
    const found = only([
      answer('ann', 'u', 'x'),
      answer('ben', 'u', 'x'),
      answer('ann', 'u', 'y'),
      answer('ann', 'u', 'y'),
      answer('ann', 'v', 'x', { expected: 'x' }),
      answer('ann', 'v', 'y', { expected: 'x' }),
    ]);
    expect(found).toMatchObject({ answerCount: 5, selfConsistency: { count: 1, of: 3 }, gold: { right: 1, wrong: 0 } });
    expect(found.agreement.share).toBe(1);
  });

  it('is her median time, between two middle ones', () => {
    const times = [9000, 1000, 2000, 4000];
    expect(only(times.map((latencyMs, i) => answer('ann', `u${i}`, 'x', { latencyMs }))).medianLatencyMs).toBe(3000);
    expect(only([answer('ann', 'u', 'x')]).medianLatencyMs).toBeNull();
  });

  it('is nothing of nobody, and refuses times below 0', () => {
    expect(measureAnnotators([])).toEqual([]);
    expect(() => only([answer('ann', 'u', 'x', { latencyMs: -1 })])).toThrow('answers[0].latencyMs: -1');
  });
});

describe('flags', () => {
  const kinds = (answers: readonly RecordedAnswer[]) =>
    only(answers).flags.map(({ kind, count, of }) => [kind, count, of]);
  /** Labels that alternate, so that none is constant. */
  const label = (i: number) => (i % 2 === 0 ? 'x' : 'y');

  it('tell answers that are faster than reading, of at least ten', () => {
    const readingMs = leastReadingMs(100);
    expect(readingMs).toBe(10_000);
    const timed = (fast: number, count: number) =>
      numbered(count, (i) => answer('ann', `u${i}`, label(i), { latencyMs: i < fast ? 5000 : 30_000, readingMs }));
    expect(kinds(timed(6, 10))).toEqual([['FASTER_THAN_READING', 6, 10]]);
    expect(kinds(timed(5, 10))).toEqual([]);
    expect(kinds(timed(9, 9))).toEqual([]);
  });

  it('tell preferences that are all for one side', () => {
    const sided = (count: number, right = 0) =>
      numbered(count, (i) => answer('ann', `u${i}`, label(i), { side: i < right ? 'RIGHT' : 'LEFT' }));
    expect(kinds(sided(10))).toEqual([['CONSTANT_SIDE', 10, 10]]);
    expect(kinds(sided(9))).toEqual([]);
    expect(kinds(sided(30, 1))).toEqual([]);
  });

  it('tell answers that are all the same where others’ are not', () => {
    const own = numbered(12, (i) => answer('ann', `u${i}`, 'x'));
    const others = (usual: number) => numbered(20, (i) => answer('ben', `u${i}`, i < usual ? 'x' : 'y'));
    expect(kinds([...own, ...others(10)])).toEqual([['CONSTANT_LABEL', 12, 12]]);
    expect(only([...own, ...others(10)]).flags[0]!.text).toBe(
      'All 12 answers are "x", of the other people\'s answers 50 %.',
    );
    expect(kinds([...own, ...others(18)])).toEqual([]);
    expect(kinds(own)).toEqual([]);
  });

  it('are not raised by people who answer with care', () => {
    const random = createRandom(6);
    const answers = numbered(400, (i) =>
      answer(`a${i % 20}`, `u${i}`, uniform(random) < 0.5 ? 'x' : 'y', {
        side: uniform(random) < 0.5 ? 'LEFT' : 'RIGHT',
        latencyMs: 8000 + 8000 * uniform(random),
        readingMs: 8000,
      }),
    );
    expect(measureAnnotators(answers).flatMap(({ flags }) => flags)).toEqual([]);
  });
});
