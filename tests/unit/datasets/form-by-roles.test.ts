import { expect, test } from 'vitest';
import { formByRoles } from '../../../src/datasets/conversations/form-by-roles.js';
import type { ColumnRole } from '../../../src/protocol/preparation/column-role.js';

const path = ['conversation'];

/** The form by these roles, and the code of the problem where there is none. */
async function formOf(roles: Readonly<Record<string, ColumnRole>>, values: readonly unknown[] = []) {
  const version = {
    digest: '0'.repeat(64),
    roles: Object.entries(roles).map(([column, role]) => ({ column, role, source: 'SAID' as const, reason: null })),
  };
  const [column = ''] = Object.keys(roles);
  const rows = values.map((value, row) => ({
    row,
    split: 'train',
    madeBy: null,
    sourceRow: null,
    values: { [column]: value },
  }));
  const { form, chosen, problems } = await formByRoles(version, { readExamples: async () => rows }, path);
  return {
    form,
    fields: chosen.map((each) => [each.path.join('.'), each.column]),
    codes: problems.map((each) => each.code),
  };
}

const openAi = [{ role: 'user', content: 'a' }];
const shared = [{ from: 'human', value: 'a' }];

test.each([
  ['lists of role and content', [openAi, openAi], 'messages'],
  ['the same as texts', [JSON.stringify(openAi)], 'messages'],
  ['lists of from and value', [shared, JSON.stringify(shared), openAi], 'shareGpt'],
  ['what can not be read', ['{', null, 3], 'messages'],
  ['no rows', [], 'messages'],
])('messages: %s', async (_, values, kind) => {
  expect(await formOf({ turns: 'MESSAGES' }, values)).toEqual({
    form: { kind, column: 'turns' },
    fields: [[`conversation.${kind}.column`, 'turns']],
    codes: [],
  });
});

test('prompts and completions, with what the model is told before', async () => {
  expect(await formOf({ question: 'PROMPT', reply: 'COMPLETION', system: 'SECOND_TEXT' })).toEqual({
    form: { kind: 'promptCompletion', promptColumn: 'question', completionColumn: 'reply', systemColumn: 'system' },
    fields: [
      ['conversation.promptCompletion.promptColumn', 'question'],
      ['conversation.promptCompletion.completionColumn', 'reply'],
      ['conversation.promptCompletion.systemColumn', 'system'],
    ],
    codes: [],
  });
  expect((await formOf({ q: 'PROMPT', a: 'COMPLETION' })).form).toMatchObject({ systemColumn: null });
});

test('the columns of Alpaca', async () => {
  const form = { kind: 'alpaca', instructionColumn: 'instruction', inputColumn: 'input', outputColumn: 'output' };
  const found = await formOf({ instruction: 'PROMPT', input: 'SECOND_TEXT', output: 'COMPLETION' });
  expect(found).toMatchObject({ form, codes: [] });
  expect((await formOf({ instruction: 'PROMPT', output: 'COMPLETION' })).form).toEqual({ ...form, inputColumn: null });
});

test.each<[string, Readonly<Record<string, ColumnRole>>, string[]]>([
  ['no column', { text: 'TEXT' }, ['REQUIRED']],
  ['two columns of messages', { a: 'MESSAGES', b: 'MESSAGES' }, ['UNCLEAR_COLUMN']],
  ['messages beside answers', { a: 'MESSAGES', b: 'COMPLETION' }, ['UNCLEAR_COLUMN']],
  ['a prompt without an answer', { a: 'PROMPT' }, ['REQUIRED']],
  ['pairs of answers', { a: 'PROMPT', b: 'CHOSEN', c: 'REJECTED' }, ['REQUIRED']],
  ['two answers', { a: 'PROMPT', b: 'COMPLETION', c: 'COMPLETION' }, ['UNCLEAR_COLUMN']],
  ['a second text of any name', { a: 'PROMPT', b: 'COMPLETION', notes: 'SECOND_TEXT' }, ['UNCLEAR_COLUMN']],
  ['two second texts', { a: 'PROMPT', b: 'COMPLETION', c: 'SECOND_TEXT', d: 'SECOND_TEXT' }, ['UNCLEAR_COLUMN']],
])('%s is not clear', async (_, roles, codes) => {
  expect(await formOf(roles)).toEqual({ form: null, fields: [], codes });
});

test('pairs of answers are told as such, with their columns', async () => {
  const roles = { input: 'PROMPT', preferred_output: 'CHOSEN', non_preferred_output: 'REJECTED' } as const;
  const version = {
    digest: '0'.repeat(64),
    roles: Object.entries(roles).map(([column, role]) => ({ column, role, source: 'SAID' as const, reason: null })),
  };
  const { problems } = await formByRoles(version, { readExamples: async () => [] }, path);
  const candidates = ['preferred_output', 'non_preferred_output'];
  expect(problems).toMatchObject([{ path, message: expect.stringContaining('pairs of answers'), candidates }]);
});
