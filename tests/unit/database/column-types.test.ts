import pg from 'pg';
import { expect, test } from 'vitest';
import { columnTypes, parseTexts, parseTimestamp } from '../../../src/database/column-types.js';

const parse = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (text: string) => Date | number;

test.each([
  ['2026-01-31 08:00:00+00', '2026-01-31T08:00:00.000Z'],
  ['2026-12-31 23:59:59.999999+00', '2026-12-31T23:59:59.999Z'],
  ['2024-02-29 00:00:00.1+00', '2024-02-29T00:00:00.100Z'],
  ['1969-12-31 23:59:59.029+00', '1969-12-31T23:59:59.029Z'],
  ['9999-12-31 00:00:00.00001+00', '9999-12-31T00:00:00.000Z'],
])('%s is %s', (text, iso) => {
  expect((parseTimestamp(text) as Date).toISOString()).toBe(iso);
});

test.each([
  '2026-01-31 08:00:00+01',
  '2026-01-31 08:00:00.5-03:30',
  '0044-03-15 12:00:00+00 BC',
  '0099-03-15 12:00:00+00',
  '12026-01-31 08:00:00.25+00',
  'infinity',
  '-infinity',
])('%s is what the driver makes of it', (text) => {
  expect(parseTimestamp(text)).toEqual(parse(text));
});

test('each second of a day and each millisecond of a second are what the driver makes of them', () => {
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
  for (let i = 0; i < 86_400; i += 7) {
    const [hour, minute, second] = [Math.floor(i / 3600), Math.floor(i / 60) % 60, i % 60];
    const text = `2026-0${1 + (i % 9)}-${pad(1 + (i % 28), 2)} ${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}+00`;
    expect((parseTimestamp(text) as Date).getTime()).toBe((parse(text) as Date).getTime());
  }
  for (let i = 0; i < 1000; i += 1) {
    const text = `2026-01-31 08:00:00.${pad(i, 3)}`;
    expect((parseTimestamp(`${text}+00`) as Date).getTime()).toBe(Date.parse(`${text.replace(' ', 'T')}Z`));
  }
});

test('of other types the driver has its own parsers', () => {
  expect(columnTypes.getTypeParser(pg.types.builtins.TIMESTAMPTZ, 'text')).toBe(parseTimestamp);
  expect(columnTypes.getTypeParser(pg.types.builtins.INT4, 'text')('7')).toBe(7);
  expect(columnTypes.getTypeParser(pg.types.builtins.JSONB, 'text')('[1]')).toEqual([1]);
});

test.each([
  '{}',
  '{a}',
  '{news,spam}',
  '{"two words",x}',
  '{"a,b"}',
  '{NULL}',
  '{"NULL",y}',
  '{"\\"",é}',
  '{{a},{b}}',
  '{""}',
])('the list %s is what the driver makes of it', (text) => {
  expect(parseTexts(text)).toEqual(pg.types.getTypeParser(1009 as number as 1184)(text));
});
