import { expect, test } from 'vitest';
import { preferencesByRoles } from '../../../src/datasets/preferences/form-by-roles.js';
import type { VersionRoles } from '../../../src/protocol/preparation/assigned-roles.js';
import type { ColumnRole } from '../../../src/protocol/preparation/column-role.js';

const all = ['pairs', 'rated', 'thumbs'] as const;
const formOf = (columns: Readonly<Record<string, ColumnRole>>, kinds: readonly (typeof all)[number][] = all) => {
  const roles: VersionRoles = Object.entries(columns).map(([column, role]) => ({
    column,
    role,
    source: 'GUESSED',
    reason: null,
  }));
  return preferencesByRoles({ roles }, kinds, ['preference']);
};

test('pairs are in the columns CHOSEN and REJECTED, with or without PROMPT', () => {
  const form = { kind: 'pairs', chosenColumn: 'a', rejectedColumn: 'b', strengthColumn: null, probabilityColumn: null };
  expect(formOf({ q: 'PROMPT', a: 'CHOSEN', b: 'REJECTED' }).form).toEqual({ ...form, promptColumn: 'q' });
  const without = formOf({ a: 'CHOSEN', b: 'REJECTED', n: 'NUMBER', t: 'TEXT' });
  expect(without.form).toEqual({ ...form, promptColumn: null });
  expect(without.chosen.map(({ column, path }) => [column, path.join('.')])).toEqual([
    ['a', 'preference.pairs.chosenColumn'],
    ['b', 'preference.pairs.rejectedColumn'],
  ]);
});

test('the columns of feedback’s ratings and thumbs are found', () => {
  expect(formOf({ text: 'TEXT', prompt: 'SECOND_TEXT', rating: 'NUMBER' }).form).toEqual({
    kind: 'rated',
    promptColumn: 'prompt',
    completionColumn: 'text',
    ratingColumn: 'rating',
  });
  expect(formOf({ prompt: 'PROMPT', completion: 'COMPLETION', label: 'LABEL' }).form).toEqual({
    kind: 'thumbs',
    promptColumn: 'prompt',
    completionColumn: 'completion',
    thumbColumn: 'label',
  });
});

test('what roles do not say is a problem that names the columns', () => {
  expect(formOf({ a: 'CHOSEN' }).problems).toMatchObject([
    { code: 'REQUIRED', path: ['preference', 'pairs', 'rejectedColumn'] },
  ]);
  expect(formOf({ t: 'TEXT' }).problems).toMatchObject([{ code: 'REQUIRED', path: ['preference'] }]);
  const wrongKind = formOf({ completion: 'COMPLETION', label: 'LABEL' }, ['pairs']);
  expect(wrongKind.problems[0]?.message).toContain('`thumbs`');
  expect(formOf({ a: 'CHOSEN', b: 'CHOSEN', c: 'REJECTED' }).problems).toMatchObject([{ code: 'UNCLEAR_COLUMN' }]);
});
