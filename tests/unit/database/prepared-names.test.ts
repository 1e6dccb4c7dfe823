import { expect, test } from 'vitest';
import { createPreparedNames } from '../../../src/database/prepared-names.js';

test('a statement has a name from its second use on, always the same', () => {
  const nameOf = createPreparedNames();
  expect(nameOf('SELECT 1')).toBeNull();
  expect(nameOf('SELECT 2')).toBeNull();
  expect([nameOf('SELECT 2'), nameOf('SELECT 1'), nameOf('SELECT 2')]).toEqual(['attune_1', 'attune_2', 'attune_1']);
});

test('no more than 200 statements have one, whatever comes', () => {
  const nameOf = createPreparedNames();
  const names = new Set<string | null>();
  for (let i = 0; i < 10_000; i += 1) {
    nameOf(`SELECT ${i}`);
    names.add(nameOf(`SELECT ${i}`));
  }
  names.delete(null);
  expect(names.size).toBe(200);
  expect(nameOf('SELECT 0')).toBe('attune_1');
});
