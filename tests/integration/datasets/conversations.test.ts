import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { datasetFiles } from '../../support/dataset-files.js';
import { importModel, watchImport } from '../../support/models.js';
import { parquetOf } from '../../support/parquet.js';
import { startTestPlatform, startTestWorker, type TestPlatform } from '../../support/platform.js';

/** Datasets of conversations, from the upload to the tokens that a model learns, on the product as a user starts it. */

const template = `{%- for message in messages -%}
{%- if message.role == 'tool' -%}{{- raise_exception('No tools here.') -}}{%- endif -%}
{{ message.role[0] }}:{{ message.content }}{{ eos_token }}
{%- endfor -%}
{%- if add_generation_prompt -%}a:{%- endif -%}`;
const end = '<|end_of_text|>';

let database: TestDatabase;
let platform: TestPlatform;
let folder: string;
let [chatModel, bareModel] = ['', ''];
beforeAll(async () => {
  database = await createTestDatabase();
  platform = await startTestPlatform({ databaseUrl: database.url, env: { ATTUNE_WORKERS: '1' } });
  await using _worker = startTestWorker({ databaseUrl: database.url, home: platform.home });
  folder = await mkdtemp(join(tmpdir(), 'attune-chat-'));
  const path = join(folder, 'model');
  await cp(fileURLToPath(decoderFolder('llama')), path, { recursive: true });
  bareModel = await imported('bare', path);
  await writeFile(join(path, 'chat_template.jinja'), template);
  chatModel = await imported('chat', path);
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

const { versionOf } = datasetFiles(() => platform.client);

async function imported(name: string, path: string): Promise<string> {
  const id = await importModel(platform.client, { name, source: { folder: { path } } });
  let model: string | undefined;
  for await (const state of watchImport(platform.client, id)) model = state.model?.id;
  expect(model).toBeDefined();
  return model!;
}

const query = `query ($id: ID!, $model: ID!, $form: ConversationFormInput!, $split: String!, $learned: LearnedTurns, $template: String, $maxLength: Int, $afterRow: BigInt) {
  node(id: $id) { ... on DatasetVersion {
    conversations(baseModelId: $model, form: $form, split: $split, learned: $learned, chatTemplate: $template, maxLength: $maxLength, afterRow: $afterRow) {
      row turns { role content } text tokens { token isTarget } truncated fault { code column turn message }
    } } } }`;

interface Shown {
  readonly row: number;
  readonly turns: readonly { readonly role: string; readonly content: string }[];
  readonly text: string | null;
  readonly tokens: readonly { readonly token: string; readonly isTarget: boolean }[];
  readonly truncated: boolean;
  readonly fault: Readonly<Record<string, unknown>> | null;
}

async function shown(variables: Record<string, unknown>): Promise<readonly Shown[]> {
  const { node } = await platform.client.request<{ node: { conversations: readonly Shown[] } }>(query, {
    model: chatModel,
    split: 'train',
    learned: 'COMPLETIONS',
    ...variables,
  });
  return node.conversations;
}

const learned = ({ tokens }: Shown) =>
  tokens
    .filter(({ isTarget }) => isTarget)
    .map(({ token }) => token)
    .join('');

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const all = { split: { fractions: [{ name: 'train', fraction: 1 }] } };
const messages = { messages: { column: 'messages' } };

describe('a column of lists of turns', () => {
  const user = (content: string) => ({ role: 'user', content });
  const assistant = (content: string) => ({ role: 'assistant', content });

  test('is kept from JSON Lines, and shown as the model reads it', async () => {
    const rows = [
      { messages: [user('the one'), assistant('two'), user('and'), assistant('three')] },
      { messages: [user('one')] },
      { messages: [user('one'), { role: 'bot', content: 'two' }] },
      { messages: [user('one'), { role: 'tool', content: 'two' }, assistant('three')] },
    ];
    const { id, columns } = await versionOf(lines(rows), 'JSONL', all);
    expect(columns.map(({ name, type }) => ({ name, type }))).toEqual([{ name: 'messages', type: 'JSON' }]);
    const [first, ...others] = await shown({ id, form: messages, learned: 'ASSISTANT_TURNS' });
    expect(first).toMatchObject({
      row: 0,
      turns: rows[0]!.messages,
      text: `u:the one${end}a:two${end}u:and${end}a:three${end}`,
      truncated: false,
      fault: null,
    });
    expect(learned(first!)).toBe(`two${end}three${end}`);
    expect(others.map(({ row, text, tokens, fault }) => ({ row, text, tokens, fault }))).toEqual([
      {
        row: 1,
        text: null,
        tokens: [],
        fault: {
          code: 'NO_ANSWER',
          column: 'messages',
          turn: null,
          message: 'column “messages”: holds no turn of the assistant',
        },
      },
      { row: 2, text: null, tokens: [], fault: expect.objectContaining({ code: 'UNKNOWN_ROLE', turn: 2 }) },
      {
        row: 3,
        text: null,
        tokens: [],
        fault: expect.objectContaining({
          code: 'TEMPLATE_REFUSED',
          message: 'the chat template refuses it: No tools here.',
        }),
      },
    ]);
    const [last] = await shown({ id, form: messages });
    expect(learned(last!)).toBe(`three${end}`);
    const [short] = await shown({ id, form: messages, maxLength: 4 });
    expect(short).toMatchObject({ tokens: [], fault: { code: 'NO_TARGET' } });
    const [second] = await shown({ id, form: messages, afterRow: 2 });
    expect(second!.row).toBe(3);
  });

  test('is kept from Parquet', async () => {
    const file = await parquetOf(
      `SELECT [{'role': 'user', 'content': 'one'}, {'role': 'assistant', 'content': 'two'}] AS messages, 'train' AS part`,
    );
    const { id } = await versionOf(Uint8Array.from(file), 'PARQUET', { splitColumn: 'part' });
    const [row] = await shown({ id, form: messages });
    expect(learned(row!)).toBe(`two${end}`);
  });

  test('is read in the form of ShareGPT', async () => {
    const rows = [
      {
        talk: [
          { from: 'human', value: 'one' },
          { from: 'gpt', value: 'two' },
        ],
      },
    ];
    const { id } = await versionOf(lines(rows), 'JSONL', all);
    const [row] = await shown({ id, form: { shareGpt: { column: 'talk' } }, learned: 'EVERYTHING' });
    expect(row!.text).toBe(`u:one${end}a:two${end}`);
    expect(row!.tokens.every(({ isTarget }) => isTarget)).toBe(true);
  });
});

describe('columns of texts', () => {
  const form = { promptCompletion: { promptColumn: 'question', completionColumn: 'answer' } };

  test('are an exchange, for a model without a chat template one text', async () => {
    const { id } = await versionOf('question,answer\nthe one,two\n', 'CSV', all);
    const [row] = await shown({ id, form });
    expect(row!.text).toBe(`u:the one${end}a:two${end}`);
    const [plain] = await shown({ id, form, model: bareModel });
    expect(plain!.text).toBe(`the onetwo${end}`);
    expect(learned(plain!)).toBe(`two${end}`);
    expect(plain!.tokens[0]).toEqual({ token: '<|begin_of_text|>', isTarget: false });
    const [given] = await shown({
      id,
      form,
      model: bareModel,
      template: "{% for m in messages %}{{ m.role[0] + ':' + m.content + ';' }}{% endfor %}",
    });
    expect(given!.text).toBe('u:the one;a:two;');
  });

  test('are refused by name where they are not there, or hold no texts', async () => {
    const { id } = await versionOf('question,answer,n\nthe one,two,3\n', 'CSV', all);
    const refusal = (variables: Record<string, unknown>) =>
      shown({ id, form, ...variables }).then(
        () => null,
        (error: Error) => error.message,
      );
    const pairs = (promptColumn: string) => ({ promptCompletion: { promptColumn, completionColumn: 'answer' } });
    expect(await refusal({ form: pairs('questions') })).toContain('has no column “questions”');
    expect(await refusal({ form: pairs('n') })).toContain('“n” holds INTEGER, not TEXT');
    expect(await refusal({ form: { alpaca: {} } })).toContain('has no column “instruction”');
    expect(await refusal({ split: 'test' })).toContain('has no split “test”');
    expect(await refusal({ model: id })).toContain('There is no base model with this id');
    expect(await refusal({ template: '{% for %}' })).toContain('the chat template can not be read');
    expect(await refusal({ afterRow: '9223372036854775807' })).toContain('`afterRow` must be from 0');
    expect(await refusal({ maxLength: 3 })).toContain('`maxLength` must be from 4');
  });
});

test('a model shows its chat template', async () => {
  const templateOf = async (id: string) => {
    const { node } = await platform.client.request<{ node: { chatTemplate: string | null } }>(
      'query ($id: ID!) { node(id: $id) { ... on BaseModel { chatTemplate } } }',
      { id },
    );
    return node.chatTemplate;
  };
  expect(await templateOf(chatModel)).toBe(template);
  expect(await templateOf(bareModel)).toBeNull();
});
