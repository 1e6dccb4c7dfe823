import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom();
});
afterAll(() => room?.[Symbol.asyncDispose]());

interface Rejections {
  readonly rejectedCount: number;
  readonly rejectedRows: { readonly nodes: readonly { readonly line: number; readonly excerpt: string }[] };
  readonly notices: readonly { readonly code: string; readonly message: string }[];
}

async function rejectionsOf({ id }: { readonly id: string }): Promise<Rejections> {
  const { node } = await room.api.request<{ node: Rejections }>(
    /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on DatasetVersion {
      rejectedCount rejectedRows(first: 100) { nodes { line excerpt } } notices { code message } } } }`,
    { id },
  );
  return node;
}

const upload = async (content: string | Uint8Array) => ({ upload: { uploadId: await room.upload(content) } });
const version = ({ id }: { readonly id: string }, split?: string) => ({ version: { datasetVersionId: id, split } });
const two = 'text,label\ngood,x\nfirst\nsecond\nfine,y\n';
const one = 'text,label\nother,x\nthird\nnice,y\n';
const rejectedOfTwo = [
  { line: 3, excerpt: 'first' },
  { line: 4, excerpt: 'second' },
];
const rejectedOfOne = [{ line: 3, excerpt: 'third' }];

test('a version made of versions counts the rejected rows of each file once', async () => {
  const [first, second] = [
    await room.prepare({ sources: [await upload(two)] }),
    await room.prepare({ sources: [await upload(one)] }),
  ];
  const derived = await room.prepare({
    sources: [version(first)],
    recipe: [{ changeCase: { columns: ['text'], to: 'UPPER' } }],
  });
  expect(await rejectionsOf(derived)).toMatchObject({ rejectedCount: 2, rejectedRows: { nodes: rejectedOfTwo } });

  const joined = await room.prepare({ sources: [version(first, 'train'), version(derived, 'test')] });
  expect(joined.exampleCount).toBe(4);
  expect(await rejectionsOf(joined)).toMatchObject({ rejectedCount: 2, rejectedRows: { nodes: rejectedOfTwo } });

  const sources = [version(joined), await upload('text,label\nlast,x\nfourth\n'), version(second), version(joined)];
  const all = await room.prepare({ sources });
  expect(await rejectionsOf(all)).toMatchObject({
    rejectedCount: 4,
    rejectedRows: { nodes: [{ line: 3, excerpt: 'fourth' }, ...rejectedOfTwo, ...rejectedOfOne] },
  });
});

test('equal files that were uploaded twice are two files', async () => {
  const sources = [await upload(two), await upload(two)];
  const both = await room.prepare({ sources });
  expect(await rejectionsOf(both)).toMatchObject({
    rejectedCount: 4,
    rejectedRows: { nodes: [...rejectedOfTwo, ...rejectedOfTwo] },
  });
});

test('a file still counts once when the versions between were deleted', async () => {
  const first = await room.prepare({ sources: [await upload(two)] });
  const [left, right] = [
    await room.prepare({ sources: [version(first)] }),
    await room.prepare({ sources: [version(first)] }),
  ];
  await room.api.request(
    /* GraphQL */ `mutation ($id: ID!) { deleteDataset(input: { datasetId: $id }) { ... on Problems { problems { message } } } }`,
    { id: first.dataset.id },
  );
  const { node } = await room.api.request<{ node: unknown }>('query ($id: ID!) { node(id: $id) { id } }', {
    id: first.id,
  });
  expect(node).toBeNull();
  const joined = await room.prepare({ sources: [version(left), version(right)] });
  expect(await rejectionsOf(joined)).toMatchObject({ rejectedCount: 2, rejectedRows: { nodes: rejectedOfTwo } });
});

test('a preview tells the rejected rows that the version would have', async () => {
  const first = await room.prepare({ sources: [await upload(two)] });
  const derived = await room.prepare({ sources: [version(first)] });
  const input = { sources: [version(first), version(derived), await upload(one)] };
  expect(await room.preview(input)).toMatchObject({
    rejectedCount: 3,
    rejectedRows: [...rejectedOfOne, ...rejectedOfTwo].map((row) => ({ ...row, code: 'TOO_FEW_COLUMNS' })),
  });
  const made = await room.prepare(input);
  expect(await rejectionsOf(made)).toMatchObject({
    rejectedCount: 3,
    rejectedRows: { nodes: [...rejectedOfOne, ...rejectedOfTwo] },
  });
});

test('a preview of a file that is read in part tells the rejected rows of that part', async () => {
  const line = `${'long text '.repeat(400)},x\n`;
  const content = `text,label\nonly one\n${line.repeat(4_200)}only one\n`;
  expect(content.length).toBeGreaterThan(16 * 2 ** 20);
  expect(await room.preview({ sources: [await upload(content)] })).toMatchObject({
    rowCount: null,
    rejectedCount: 1,
    rejectedRows: [{ line: 2, code: 'TOO_FEW_COLUMNS', excerpt: 'only one' }],
  });
});

test('what a recipe masks is not kept in rejected rows of the versions either', async () => {
  const content = 'text,label\njoe@site.org,x\nann@site.org,y,too many\n';
  const first = await room.prepare({ sources: [await upload(content)] });
  const masked = await room.prepare({ sources: [version(first)], recipe: [{ maskPersonalData: {} }] });
  const last = await room.prepare({ sources: [version(masked)] });
  for (const each of [masked, last])
    expect(await rejectionsOf(each)).toMatchObject({
      rejectedCount: 1,
      rejectedRows: { nodes: [{ line: 3, excerpt: '' }] },
    });
});

test('reasons and notices of a version quote nothing that its recipe masked', async () => {
  const mask = [{ maskPersonalData: {} }];
  const lines = '{"text":"joe@site.org","label":"x"}\n{"text":"eve@site.org","label":ann@site.org}\n';
  const sources = [{ upload: { uploadId: await room.upload(lines, 'JSONL') } }];
  expect(await reasonsOf(await room.prepare({ sources, recipe: mask }))).toEqual(['The line is not JSON.']);

  const fileOptions = { delimited: { names: ['text', 'label'] } };
  const table = async () => [
    { upload: { uploadId: await room.upload('joe@site.org,x\nann@site.org,y\n'), fileOptions } },
  ];
  const quoted = { code: 'FIRST_LINE_IS_DATA', message: expect.stringContaining('joe@site.org') };
  expect((await rejectionsOf(await room.prepare({ sources: await table() }))).notices).toMatchObject([quoted]);
  const { notices } = await rejectionsOf(await room.prepare({ sources: await table(), recipe: mask }));
  expect(notices).toMatchObject([{ code: 'FIRST_LINE_IS_DATA', message: expect.not.stringContaining('joe@') }]);
});

async function reasonsOf({ id }: { readonly id: string }): Promise<readonly string[]> {
  const { node } = await room.api.request<{ node: { rejectedRows: { nodes: { reason: string }[] } } }>(
    /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on DatasetVersion {
      rejectedRows(first: 100) { nodes { reason } } } } }`,
    { id },
  );
  return node.rejectedRows.nodes.map(({ reason }) => reason);
}

test('notices that two sources have of one file are told once', async () => {
  const first = await room.prepare({
    sources: [await upload(Buffer.from('text,label\nGrüße aus Köln,x\nschöne Tage,y\n', 'latin1'))],
  });
  const { notices } = await rejectionsOf(first);
  expect(notices.length).toBeGreaterThan(0);
  const joined = await room.prepare({ sources: [version(first), version(first)] });
  const told = (await rejectionsOf(joined)).notices.map(({ message }) => message);
  expect(new Set(told).size).toBe(told.length);
});
