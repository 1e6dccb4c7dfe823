import { expect, test } from 'vitest';
import { createPreparedNames } from '../../../src/database/prepared-names.js';

test('a statement has a name from its second use on, always the same', () => {
  const nameOf = createPreparedNames();
  expect(nameOf('SELECT 1')).toBeNull();
  expect(nameOf('SELECT 2')).toBeNull();
  expect([nameOf('SELECT 2'), nameOf('SELECT 1'), nameOf('SELECT 2')]).toEqual(['attune_1', 'attune_2', 'attune_1']);
});

test('no more than 200 statements have one: what was used longest ago loses it', () => {
  const nameOf = createPreparedNames();
  const named = (text: string): string | null => nameOf(text) ?? nameOf(text);
  const given = Array.from({ length: 200 }, (_, i) => named(`SELECT ${i}`));
  expect(new Set(given).size).toBe(200);
  expect(nameOf('SELECT 0')).toBe('attune_1');
  expect(named('SELECT 200')).toBe('attune_201');
  // The first one was used again; the second one has lost its name, and gets another one when it comes twice.
  expect(nameOf('SELECT 0')).toBe('attune_1');
  expect(nameOf('SELECT 1')).toBeNull();
  expect(nameOf('SELECT 1')).toBe('attune_202');
  expect(nameOf('SELECT 2')).toBeNull();
});
