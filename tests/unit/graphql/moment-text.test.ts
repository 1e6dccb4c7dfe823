import fc from 'fast-check';
import { expect, test } from 'vitest';
import { momentText } from '../../../src/graphql/execution/moment-text.js';

const year10000 = Date.UTC(10_000, 0);

test('a moment is written as toISOString writes it, whichever came before', () => {
  const near = fc.integer({ min: 0, max: 180_000 }).map((ms) => 1_796_000_000_000 + ms);
  const any = fc.integer({ min: 0, max: year10000 - 1 });
  fc.assert(
    fc.property(fc.array(fc.oneof(near, any)), (moments) => {
      expect(moments.map(momentText)).toEqual(moments.map((ms) => JSON.stringify(new Date(ms))));
    }),
  );
});

test('what has another form has no text here', () => {
  expect([-1, year10000, Number.NaN, 8.64e15].map(momentText)).toEqual([null, null, null, null]);
  expect(momentText(0)).toBe('"1970-01-01T00:00:00.000Z"');
  expect(momentText(year10000 - 1)).toBe('"9999-12-31T23:59:59.999Z"');
});
