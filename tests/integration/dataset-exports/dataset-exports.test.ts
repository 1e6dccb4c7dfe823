import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readZip } from '../../support/models.js';
import { withOtherSecret } from '../../support/other-secret.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

/** Versions that are written out by a worker, downloaded over HTTP, and sent again. */

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom();
});
afterAll(() => room[Symbol.asyncDispose]());

interface Export {
  readonly id: string;
  readonly status: string;
  readonly problem: { readonly code: string; readonly path: readonly string[]; readonly message: string } | null;
  readonly rowCount: number | null;
  readonly leftOutCount: number | null;
  readonly leftOut: readonly { readonly row: number; readonly reason: string }[];
  readonly files: readonly { readonly name: string; readonly url: string; readonly sha256: string }[];
  readonly archiveUrl: string | null;
}

const problems = '... on Problems { problems { path code message hint usedBy { kind name } } }';
const fields = /* GraphQL */ `id status problem { path code message } format splits columns splitColumn guardFormulas
  filePerSplit conversations { kind columns } preference { promptColumn chosenColumn rejectedColumn } rowCount
  leftOutCount leftOut { row reason } files { name sizeBytes sha256 url } archiveUrl
  progress { rowsDone rowsTotal bytesWritten }`;

async function ask(input: Record<string, unknown>): Promise<{ id?: string; problems?: readonly Problem[] }> {
  const { exportDatasetVersion } = await room.api.request<{
    exportDatasetVersion: { id?: string; problems?: readonly Problem[] };
  }>(
    /* GraphQL */ `mutation ($input: ExportDatasetVersionInput!) { exportDatasetVersion(input: $input) {
      ... on DatasetExport { id } ${problems} } }`,
    { input },
  );
  return exportDatasetVersion;
}
interface Problem {
  readonly path: readonly string[];
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** Exports, and waits for the end. */
async function written(input: Record<string, unknown>): Promise<Export & Record<string, unknown>> {
  const { id, problems: refused } = await ask(input);
  if (id === undefined) throw new Error(JSON.stringify(refused));
  let last: (Export & Record<string, unknown>) | null = null;
  const changes = room.api.connect().iterate<{ datasetExportChanged: Export & Record<string, unknown> }>({
    query: `subscription ($id: ID!) { datasetExportChanged(datasetExportId: $id) { ${fields} } }`,
    variables: { id },
  });
  for await (const { data, errors } of changes) {
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    last = data?.datasetExportChanged ?? last;
  }
  if (last === null) throw new Error('The export has no state.');
  return last;
}

const download = async (path: string): Promise<Buffer> => {
  const response = await fetch(new URL(path, room.api.url));
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return Buffer.from(await response.arrayBuffer());
};
const textOf = async ({ files: [file] }: Export): Promise<string> => (await download(file!.url)).toString();

async function version(content: string, format: 'CSV' | 'JSONL' = 'CSV', input: Record<string, unknown> = {}) {
  return room.prepare({ sources: [{ upload: { uploadId: await room.upload(content, format) } }], ...input });
}

const table = [
  'text,n,x,code,flag,day,split',
  '"a, ""b""\nc",9007199254740993,1.50,007,true,2024-05-01,train',
  '"",1,,+1,false,2024-05-02,test',
  ',2,3,=1+1,true,,train',
  '😀 é,-3,0.1,-x,,2023-01-31,train',
  '',
].join('\n');

describe('a table that is written out', () => {
  test.each(['CSV', 'JSONL', 'PARQUET'] as const)(
    'as %s and sent again has the same rows and splits',
    async (format) => {
      const made = await version(table, 'CSV', { splitColumn: 'split' });
      const columns = ['text', 'n', 'x', 'code', 'flag', 'day'];
      const out = await written({ datasetVersionId: made.id, format, columns, splitColumn: 'part' });
      expect(out).toMatchObject({ status: 'SUCCEEDED', rowCount: 4, leftOutCount: 0, leftOut: [], problem: null });
      expect(out.files[0]!.name).toBe(`${made.dataset.name.replace(' ', '-')}-v1.${format.toLowerCase()}`);
      expect(out.progress).toMatchObject({ rowsDone: 4, rowsTotal: 4 });
      const uploadId = await room.upload(await download(out.files[0]!.url), format);
      const again = await room.prepare({ sources: [{ upload: { uploadId } }], splitColumn: 'part' });
      // JSON has no times: they come back as texts.
      const sent = (value: unknown): unknown =>
        format === 'JSONL' && typeof value === 'string' ? value.replace('T00:00:00.000Z', '') : value;
      const rows = (await room.rowsOf(made)).map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, sent(value)])),
      );
      expect((await room.rowsOf(again)).map(({ part: _, ...row }) => row)).toEqual(rows);
      const typesOf = ({ columns: all }: typeof made) =>
        all.filter(({ name }) => columns.includes(name)).map(({ type }) => type);
      const types = ['TEXT', 'INTEGER', 'FLOAT', 'TEXT', 'BOOLEAN', 'TIMESTAMP'];
      expect(typesOf(made)).toEqual(types);
      expect(typesOf(again)).toEqual(format === 'JSONL' ? types.with(5, 'TEXT') : types);
    },
  );

  test('has the same bytes each time, and others for other options', async () => {
    const { id: datasetVersionId } = await version(table);
    for (const format of ['CSV', 'JSONL', 'PARQUET']) {
      const [one, two] = [
        await written({ datasetVersionId, format }),
        await written({ datasetVersionId, format, splitColumn: null }),
      ];
      expect(one.files[0]!.sha256).toBe(two.files[0]!.sha256);
      expect(one.id).not.toBe(two.id);
    }
    const guarded = await written({ datasetVersionId, format: 'CSV', guardFormulas: true, columns: ['code'] });
    expect(await textOf(guarded)).toBe("code\n007\n'+1\n'=1+1\n'-x\n");
  });

  test('has names of columns guarded, too', async () => {
    const { id: datasetVersionId } = await version('=cmd,b\n1,@x\n');
    const plain = await written({ datasetVersionId, format: 'CSV' });
    expect(await textOf(plain)).toBe('=cmd,b\n1,@x\n');
    const guarded = await written({ datasetVersionId, format: 'CSV', guardFormulas: true });
    expect(await textOf(guarded)).toBe("'=cmd,b\n1,'@x\n");
  });

  test('has a file for each split where that is asked for, and an archive of them', async () => {
    const made = await version('a,s\n1,train\n2,Test\n3,train\n4,test\n', 'CSV', {
      splitColumn: 's',
      name: 'by split',
    });
    const out = await written({ datasetVersionId: made.id, format: 'CSV', filePerSplit: true, columns: ['a'] });
    expect(out.files.map(({ name }) => name)).toEqual([
      'by-split-v1-train.csv',
      'by-split-v1-Test.csv',
      'by-split-v1-test-2.csv',
    ]);
    const texts = await Promise.all(out.files.map(async ({ url }) => (await download(url)).toString()));
    expect(texts).toEqual(['a\n1\n3\n', 'a\n2\n', 'a\n4\n']);
    expect(out).toMatchObject({ rowCount: 4, filePerSplit: true });
    const archive = readZip(await download(out.archiveUrl!));
    expect([...archive.keys()]).toEqual(out.files.map(({ name }) => name));
    const one = await written({ datasetVersionId: made.id, format: 'CSV', splits: ['Test'] });
    expect([one.files[0]!.name, one.rowCount, one.splits]).toEqual(['by-split-v1-Test.csv', 1, ['Test']]);
  });
});

describe('a form for language models', () => {
  const turns = (...contents: readonly string[]) =>
    contents.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));
  const lines = async (out: Export) =>
    (await textOf(out))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);

  test('is found by the roles and the rows, and leaves out and names what it can not hold', async () => {
    const content = [turns('Hi', 'Hello'), turns('Hi', 'Hello', 'And?', 'Nothing'), turns('Why?', 'So.')]
      .map((messages) => `${JSON.stringify({ messages })}\n`)
      .join('');
    const { id: datasetVersionId } = await version(content, 'JSONL', { name: 'chats' });
    const out = await written({ datasetVersionId, format: 'ALPACA' });
    expect(out).toMatchObject({
      conversations: { kind: 'MESSAGES', columns: ['messages'] },
      rowCount: 2,
      leftOutCount: 1,
      leftOut: [{ row: 1, reason: 'it has more turns than a task and its answer' }],
      files: [{ name: 'chats-v1-alpaca.jsonl' }],
      progress: { rowsDone: 3, rowsTotal: 3 },
    });
    expect(await lines(out)).toEqual([
      { instruction: 'Hi', input: '', output: 'Hello' },
      { instruction: 'Why?', input: '', output: 'So.' },
    ]);
    const shared = await written({ datasetVersionId, format: 'SHARE_GPT' });
    const uploadId = await room.upload(await textOf(shared), 'JSONL');
    const again = await room.prepare({ sources: [{ upload: { uploadId } }] });
    // ShareGPT's lists are recognized as such.
    const back = await written({ datasetVersionId: again.id, format: 'MESSAGES' });
    expect(back).toMatchObject({ conversations: { kind: 'SHARE_GPT', columns: ['conversations'] } });
    expect(await textOf(back)).toBe(content);
  });

  test('holds pairs of answers, whose columns the roles name', async () => {
    const { id: datasetVersionId } = await version('q,good,bad\nWhy?,So.,No.\n"",a,b\nHow?,,b\n', 'CSV', {
      roles: [
        { column: 'q', role: 'PROMPT' },
        { column: 'good', role: 'CHOSEN' },
        { column: 'bad', role: 'REJECTED' },
      ],
    });
    const out = await written({ datasetVersionId, format: 'PREFERENCE' });
    expect(out).toMatchObject({
      preference: { promptColumn: 'q', chosenColumn: 'good', rejectedColumn: 'bad' },
      rowCount: 1,
      leftOutCount: 2,
    });
    expect(await lines(out)).toEqual([{ prompt: 'Why?', chosen: 'So.', rejected: 'No.' }]);
  });

  test('that can hold no row is a problem, and leaves no file', async () => {
    const content = `${JSON.stringify({ messages: turns('a', 'b', 'c', 'd') })}\n`;
    const { id: datasetVersionId } = await version(content, 'JSONL');
    const files = async () => (await readdir(join(room.api.folder), { recursive: true })).sort();
    const before = await files();
    const out = await written({ datasetVersionId, format: 'ALPACA' });
    expect(out).toMatchObject({
      status: 'FAILED',
      files: [],
      archiveUrl: null,
      problem: { code: 'NO_ROWS_LEFT', path: ['format'] },
    });
    expect(out.problem!.message).toContain('row 0: it has more turns');
    expect(await files()).toEqual(before);
  });
});

describe('what is wrong is told with its place', () => {
  test.each([
    [{ format: 'CSV', splits: ['tarin'] }, 'splits.0 UNKNOWN_SPLIT'],
    [{ format: 'CSV', splits: [] }, 'splits INVALID_VALUE'],
    [{ format: 'CSV', splits: ['train', 'train'] }, 'splits.1 INVALID_VALUE'],
    [{ format: 'CSV', columns: ['a', 'c'] }, 'columns.1 UNKNOWN_COLUMN'],
    [{ format: 'CSV', columns: [] }, 'columns INVALID_VALUE'],
    [{ format: 'CSV', columns: ['a', 'a'] }, 'columns.1 INVALID_VALUE'],
    [{ format: 'CSV', splitColumn: 'A' }, 'splitColumn INVALID_VALUE'],
    [{ format: 'CSV', splitColumn: ' ' }, 'splitColumn INVALID_VALUE'],
    [{ format: 'CSV', splitColumn: '__attune_row' }, 'splitColumn INVALID_VALUE'],
    [{ format: 'JSONL', guardFormulas: true }, 'guardFormulas INVALID_VALUE'],
    [
      { format: 'MESSAGES', columns: ['a'], splitColumn: 's' },
      'columns INVALID_VALUE, splitColumn INVALID_VALUE, conversations REQUIRED',
    ],
    [{ format: 'PARQUET', preference: { chosenColumn: 'a', rejectedColumn: 'b' } }, 'preference INVALID_VALUE'],
    [
      { format: 'PREFERENCE', preference: { chosenColumn: 'a', rejectedColumn: 'a' } },
      'preference.rejectedColumn INVALID_VALUE',
    ],
    [
      { format: 'PREFERENCE', preference: { chosenColumn: 'a', rejectedColumn: 'n' } },
      'preference.rejectedColumn WRONG_COLUMN_TYPE',
    ],
    [{ format: 'PREFERENCE' }, 'preference REQUIRED'],
    [
      { format: 'ALPACA', conversations: { messages: { column: 'n' } } },
      'conversations.messages.column WRONG_COLUMN_TYPE',
    ],
    [{ format: 'CSV', datasetVersionId: 'nonsense' }, 'datasetVersionId NOT_FOUND'],
  ])('%j', async (input, expected) => {
    const { id } = await version('a,b,n\nx y,z,1\n');
    const { problems: found } = await ask({ datasetVersionId: id, ...input });
    expect(found?.map(({ path, code }) => `${path.join('.')} ${code}`).join(', ')).toBe(expected);
  });
});

describe('an export', () => {
  test('is the same for a repeated call, and refuses the key with another input', async () => {
    const { id: datasetVersionId } = await version('a\n1\n');
    const input = { datasetVersionId, format: 'CSV', idempotencyKey: 'nightly' };
    const first = await ask(input);
    expect(await ask({ ...input, filePerSplit: false })).toEqual(first);
    const { problems: refused } = await ask({ ...input, format: 'JSONL' });
    expect(refused).toMatchObject([{ path: ['idempotencyKey'], code: 'IDEMPOTENCY_KEY_REUSED' }]);
  });

  test('stands in the way of its version, goes with it, and takes its file along', async () => {
    const made = await version('a\nto be deleted\n', 'CSV', { name: 'gone soon' });
    const out = await written({ datasetVersionId: made.id, format: 'JSONL' });
    const { node } = await room.api.request<{ node: { exports: unknown; dependents: unknown } }>(
      /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on DatasetVersion {
        exports { nodes { id } totalCount } dependents { nodes { kind name } } } } }`,
      { id: made.id },
    );
    expect(node).toEqual({
      exports: { nodes: [{ id: out.id }], totalCount: 1 },
      dependents: { nodes: [{ kind: 'DATASET_EXPORT', name: 'gone-soon-v1.jsonl' }] },
    });
    const remove = (cascade: boolean) =>
      room.api.request<{ deleteDatasetVersion: Record<string, unknown> }>(
        /* GraphQL */ `mutation ($input: DeleteDatasetVersionInput!) { deleteDatasetVersion(input: $input) {
          ... on Deletion { counts { kind count } objectIds } ${problems} } }`,
        { input: { datasetVersionId: made.id, cascade } },
      );
    expect((await remove(false)).deleteDatasetVersion).toMatchObject({
      problems: [{ code: 'IN_USE', usedBy: [{ kind: 'DATASET_EXPORT', name: 'gone-soon-v1.jsonl' }] }],
    });
    const { deleteDatasetVersion } = await remove(true);
    expect(deleteDatasetVersion.counts).toEqual(
      expect.arrayContaining([
        { kind: 'DATASET_EXPORT', count: 1 },
        { kind: 'DATASET_VERSION', count: 1 },
      ]),
    );
    expect(deleteDatasetVersion.objectIds).toContain(out.id);
    expect((await fetch(new URL(out.files[0]!.url, room.api.url))).status).toBe(404);
    expect(await room.api.store.has(out.files[0]!.sha256)).toBe(false);
  });

  test('is deleted alone; another of the same bytes keeps the file', async () => {
    const { id: datasetVersionId } = await version('a\ntwice\n');
    const [one, two] = [
      await written({ datasetVersionId, format: 'JSONL' }),
      await written({ datasetVersionId, format: 'JSONL' }),
    ];
    const remove = (datasetExportId: string) =>
      room.api.request<{ deleteDatasetExport: { freedBytes: number } }>(
        /* GraphQL */ `mutation ($input: DeleteDatasetExportInput!) { deleteDatasetExport(input: $input) {
          ... on Deletion { freedBytes } ${problems} } }`,
        { input: { datasetExportId } },
      );
    expect((await remove(one.id)).deleteDatasetExport).toEqual({ freedBytes: 0 });
    expect(await textOf(two)).toBe('{"a":"twice"}\n');
    expect((await remove(two.id)).deleteDatasetExport).toEqual({ freedBytes: 14 });
    expect(await room.api.store.has(two.files[0]!.sha256)).toBe(false);
    expect((await remove(two.id)).deleteDatasetExport).toEqual({ freedBytes: 14 });
  });

  test('beyond the quota of its project fails, and leaves no file', async () => {
    const { id: datasetVersionId } = await version(`a\n${'row of text\n'.repeat(2000)}`);
    const quota = (bytes: number | null) =>
      room.api.dataSource.query('UPDATE projects SET max_storage_bytes = $1', [bytes]);
    const [{ used }] = await room.api.dataSource.query('SELECT sum(size_bytes)::float8 AS used FROM artifacts');
    await quota(used + 1000);
    const out = await written({ datasetVersionId, format: 'JSONL' });
    await quota(null);
    expect(out).toMatchObject({ status: 'FAILED', files: [], problem: { code: 'QUOTA_EXCEEDED' } });
  });

  test('has links that need no credential, and are not for others', async () => {
    const { id: datasetVersionId } = await version('a\nlinked\n');
    const out = await written({ datasetVersionId, format: 'CSV' });
    const { node } = await room.api.request<{
      node: { archiveLink: { url: string }; files: { url: string; link: { url: string } }[] };
    }>(
      /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on DatasetExport {
        archiveLink { url } files { url link(expiresInSeconds: 60) { url } } } } }`,
      { id: out.id },
    );
    const [file] = node.files;
    expect((await download(file!.link.url)).toString()).toBe('a\nlinked\n');
    expect(readZip(await download(node.archiveLink.url)).size).toBe(1);
    const status = async (path: string) => (await fetch(new URL(path, room.api.url))).status;
    expect(await status(withOtherSecret(file!.link.url, 'signature'))).toBe(403);
    expect(await status(file!.link.url.replace('.csv?', '.tsv?'))).toBe(403);
    expect(await status(file!.url.replace('.csv', '.tsv'))).toBe(404);
    expect(await status('/dataset-exports/nonsense/archive.zip')).toBe(404);
  });
});
