import { parseValue } from 'graphql';
import { expect, test } from 'vitest';
import { DateTime } from '../../../src/graphql/scalars.js';

const both = (text: string): (() => unknown)[] => [
  () => DateTime.parseValue(text),
  () => DateTime.parseLiteral(parseValue(JSON.stringify(text))),
];

test.each([
  ['2026-01-31T08:00:00.000Z', '2026-01-31T08:00:00.000Z'],
  ['2026-01-31T09:30:00+01:30', '2026-01-31T08:00:00.000Z'],
  ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
])('%s is %s', (text, moment) => {
  for (const read of both(text)) expect(read()).toEqual(new Date(moment));
});

test.each(['2026-02-29', '2026-13-01', '2026-1-31', '2026-01-31T08:00', '31.01.2026', 'yesterday', '', '2026-01-31Z'])(
  '“%s” is refused with what is right',
  (text) => {
    for (const read of both(text)) expect(read).toThrow(/such as 2026-01-31T08:00:00Z .* or a date such as 2026-01-31/);
  },
);

test('a number is no moment: seconds or milliseconds?', () => {
  expect(() => DateTime.parseValue(1_767_225_600)).toThrow('A DateTime is a text');
  expect(() => DateTime.parseLiteral(parseValue('1767225600'))).toThrow('A DateTime is a text');
});
