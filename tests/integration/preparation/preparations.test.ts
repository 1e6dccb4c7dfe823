import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';
import { zipOf } from '../../support/zip-file.js';

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom();
});
afterAll(() => room?.[Symbol.asyncDispose]());

const csv = 'text,label,note\n"  two   words ",x,1\nfine,y,2\n"a\tb",x,3\n';
const recipe = [{ collapseWhiteSpace: {} }, { dropColumns: { columns: ['note'] } }];
const allTrain = { fractions: [{ name: 'train', fraction: 1 }] };
const uploaded = async () => [{ upload: { uploadId: await room.upload(csv) } }];

describe('prepareDataset', () => {
  test('makes a version by a recipe, and says what each step did', async () => {
    const version = await room.prepare({ sources: await uploaded(), recipe, split: allTrain });
    expect(version).toMatchObject({
      exampleCount: 3,
      splits: [{ name: 'train', exampleCount: 3 }],
      columns: [
        { name: 'text', type: 'TEXT' },
        { name: 'label', type: 'TEXT' },
      ],
    });
    expect(await room.rowsOf(version)).toEqual([
      { split: 'train', text: 'two words', label: 'x' },
      { split: 'train', text: 'fine', label: 'y' },
      { split: 'train', text: 'a b', label: 'x' },
    ]);
    const [collapsed, dropped] = version.steps;
    expect(collapsed).toMatchObject({
      step: { kind: 'collapseWhiteSpace' },
      rowsBefore: 3,
      rowsAfter: 3,
      changed: 2,
      dropped: 0,
      added: 0,
      examples: [
        {
          change: 'CHANGED',
          row: 0,
          before: [{ column: 'text', text: '  two   words ' }],
          after: [{ column: 'text', text: 'two words' }],
        },
        {
          change: 'CHANGED',
          row: 2,
          before: [{ column: 'text', text: 'a\tb' }],
          after: [{ column: 'text', text: 'a b' }],
        },
      ],
    });
    expect(dropped).toMatchObject({ changed: 0, columnsDropped: ['note'], columnsAdded: [] });
  });

  test('gives equal digests for equal rows and recipes, and keeps splits of a version', async () => {
    const split = {
      fractions: [
        { name: 'train', fraction: 0.5 },
        { name: 'test', fraction: 0.5 },
      ],
      seed: 5,
    };
    const [first, second] = [
      await room.prepare({ sources: await uploaded(), recipe, split }),
      await room.prepare({ sources: await uploaded(), recipe, split }),
    ];
    expect(second.digest).toBe(first.digest);
    const whole = await room.prepare({ sources: await uploaded(), split });
    const derived = await room.prepare({
      sources: [{ version: { datasetVersionId: whole.id } }],
      recipe: [{ dropColumns: { columns: ['note'] } }],
    });
    const splitsOf = async (version: { id: string }) => (await room.rowsOf(version)).map((row) => row.split);
    expect(await splitsOf(derived)).toEqual(await splitsOf(whole));
    expect((await room.rowsOf(derived)).map(({ text }) => text)).toEqual(['  two   words ', 'fine', 'a\tb']);
  });

  test('can be walked both ways: sources of a version, and versions made of it', async () => {
    const parent = await room.prepare({ sources: await uploaded(), split: allTrain, name: 'walked' });
    const child = await room.prepare({
      datasetId: parent.dataset.id,
      sources: [{ version: { datasetVersionId: parent.id } }],
      recipe,
    });
    const { node } = await room.api.request<{ node: unknown }>(
      /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on DatasetVersion { number
        sources { fileName versionName split version { id sources { fileName version { id } } derivedVersions { nodes { id } } } }
        steps { step { kind collapseWhiteSpace { columns keepLineBreaks trim } dropColumns { columns } } } } } }`,
      { id: child.id },
    );
    expect(node).toEqual({
      number: 2,
      sources: [
        {
          fileName: null,
          versionName: 'walked v1',
          split: null,
          version: {
            id: parent.id,
            sources: [{ fileName: 'rows', version: null }],
            derivedVersions: { nodes: [{ id: child.id }] },
          },
        },
      ],
      steps: [
        {
          step: {
            kind: 'collapseWhiteSpace',
            collapseWhiteSpace: { columns: null, keepLineBreaks: false, trim: true },
            dropColumns: null,
          },
        },
        { step: { kind: 'dropColumns', collapseWhiteSpace: null, dropColumns: { columns: ['note'] } } },
      ],
    });
  });

  test('finds the versions that were made from an uploaded file, by the upload and by the bytes', async () => {
    const made = await room.prepare({ sources: await uploaded(), split: allTrain, name: 'of-a-file' });
    const { node } = await room.api.request<{ node: { sources: { uploadId: string; digest: string }[] } }>(
      'query ($id: ID!) { node(id: $id) { ... on DatasetVersion { sources { uploadId digest } } } }',
      { id: made.id },
    );
    const [file] = node.sources;
    const versionsWith = async (filter: object) => {
      const { project } = await room.api.request<{ project: { datasetVersions: { nodes: { id: string }[] } } }>(
        `query ($filter: DatasetVersionFilter) { project(slug: "default") {
          datasetVersions(first: 100, filter: $filter) { nodes { id } } } }`,
        { filter },
      );
      return project.datasetVersions.nodes.map(({ id }) => id);
    };
    expect(await versionsWith({ uploadId: [file!.uploadId] })).toEqual([made.id]);
    // Other tests of this file upload the same bytes.
    const ofBytes = await versionsWith({ fileDigest: [file!.digest] });
    expect(ofBytes[0]).toBe(made.id);
    expect(ofBytes.length).toBeGreaterThan(1);
    expect(await versionsWith({ uploadId: [file!.uploadId], fileDigest: ['0'.repeat(64)] })).toEqual([]);
    await expect(versionsWith({ uploadId: [made.id] })).rejects.toThrow('an id of the type Upload is needed');
  });

  test('says where a recipe is wrong, and leaves upload and project as they were', async () => {
    const sources = await uploaded();
    const wrong = [{ collapseWhiteSpace: { columns: ['text', 'texts'] } }];
    const problems = await room.problemsOf({ sources, recipe: wrong });
    expect(problems).toMatchObject([
      {
        path: ['recipe', '0', 'collapseWhiteSpace', 'columns', '1'],
        code: 'UNKNOWN_COLUMN',
        hint: 'Did you mean “text”? There are: text, label, note.',
      },
    ]);
    expect(await room.problemsOf({ sources, recipe: [{ dropColumns: { columns: [] } }] })).toMatchObject([
      { path: ['recipe', '0', 'dropColumns', 'columns'], code: 'INVALID_VALUE' },
    ]);
    expect(await room.problemsOf({ sources: [] })).toMatchObject([{ path: ['sources'], code: 'INVALID_VALUE' }]);
    const used = await room.prepare({ sources, recipe });
    expect(used.exampleCount).toBe(3);
    expect(await room.problemsOf({ sources })).toMatchObject([
      { path: ['sources', '0', 'upload', 'uploadId'], code: 'UPLOAD_NOT_READY' },
    ]);
  });

  test('takes several sources from one upload, each with its split, and uses it up once', async () => {
    const zip = await zipOf({ 'test.csv': 'text,n\nc,3\n', 'train.csv': 'text,n\na,1\nb,2\n' });
    const uploadId = await room.upload(zip, 'AUTO', 'rows.zip');
    const part = (name: string) => ({
      upload: { uploadId, split: name, fileOptions: { archivedFiles: [`${name}.csv`] } },
    });
    const version = await room.prepare({ sources: [part('train'), part('test')] });
    expect(await room.rowsOf(version)).toEqual([
      { split: 'train', text: 'a', n: 1 },
      { split: 'train', text: 'b', n: 2 },
      { split: 'test', text: 'c', n: 3 },
    ]);
    expect(await room.problemsOf({ sources: [part('train')] })).toMatchObject([
      { path: ['sources', '0', 'upload', 'uploadId'], code: 'UPLOAD_NOT_READY' },
    ]);
  });

  test('joins files and versions, with the columns of all', async () => {
    const first = await room.prepare({ sources: await uploaded(), split: allTrain });
    const joined = await room.prepare({
      sources: [
        { version: { datasetVersionId: first.id } },
        { upload: { uploadId: await room.upload('text,extra\nmore,7\n'), split: 'test' } },
      ],
    });
    expect(joined.splits).toEqual([
      { name: 'train', exampleCount: 3 },
      { name: 'test', exampleCount: 1 },
    ]);
    expect(await room.rowsOf(joined)).toMatchObject([
      { text: '  two   words ', label: 'x', note: 1, extra: null },
      { text: 'fine' },
      { text: 'a\tb' },
      { split: 'test', text: 'more', label: null, note: null, extra: 7 },
    ]);
  });
});

describe('previewPreparation', () => {
  test('shows what each step would do, and stores nothing', async () => {
    const sources = await uploaded();
    const preview = await room.preview({ sources, recipe });
    expect(preview).toMatchObject({
      rowCount: 3,
      sampledCount: 3,
      columns: [
        { name: 'text', type: 'TEXT' },
        { name: 'label', type: 'TEXT' },
      ],
      rows: [
        { row: 0, values: ['two words', 'x'] },
        { row: 1, values: ['fine', 'y'] },
        { row: 2, values: ['a b', 'x'] },
      ],
      steps: [{ changed: 2 }, { columnsDropped: ['note'] }],
    });
    expect((await room.prepare({ sources })).exampleCount).toBe(3);
  });

  test('takes evenly spaced rows of a large version', async () => {
    const rows = Array.from({ length: 12_000 }, (_, i) => `text  ${i},x`);
    const uploadId = await room.upload(`text,label\n${rows.join('\n')}\n`);
    const version = await room.prepare({ sources: [{ upload: { uploadId } }], split: allTrain });
    const preview = await room.preview({
      sources: [{ version: { datasetVersionId: version.id } }],
      recipe: [{ collapseWhiteSpace: {} }],
    });
    expect(preview).toMatchObject({
      rowCount: 12_000,
      sampledCount: 4_000,
      steps: [{ rowsBefore: 4_000, changed: 4_000 }],
      rows: [{ row: 0 }, { row: 3 }, { row: 6 }, { row: 9 }, {}, {}, {}, {}, {}, {}],
    });
  });

  test.each([
    ['utf8', 'CSV'],
    ['utf8', 'AUTO'],
    ['utf16le', 'CSV'],
  ] as const)('reads the beginning of a large file of lines (%s, %s)', async (encoding, format) => {
    const line = `${'many words '.repeat(400)},x\n`;
    const mark = encoding === 'utf8' ? '' : '\ufeff';
    const content = Buffer.from(`${mark}text,label\n${line.repeat(4_000)}`, encoding);
    const preview = await room.preview({ sources: [{ upload: { uploadId: await room.upload(content, format) } }] });
    // 16 MiB have 3,810 whole lines; UTF-16 is read to its end.
    const isCut = encoding === 'utf8';
    expect(preview).toMatchObject({ rowCount: isCut ? null : 4_000, sampledCount: isCut ? 3_810 : 4_000 });
  });

  test('of a large file of short lines it reads two lines for each row that it shows', async () => {
    const numbers = Array.from({ length: 10_000 }, (_, i) => `number ${i},${i}\n`).join('');
    const content = `text,n\n${numbers}${'many words,no number\n'.repeat(900_000)}`;
    const preview = await room.preview({ sources: [{ upload: { uploadId: await room.upload(content, 'CSV') } }] });
    expect(preview).toMatchObject({
      rowCount: null,
      sampledCount: 5_000,
      columns: [
        { name: 'text', type: 'TEXT' },
        { name: 'n', type: 'INTEGER' },
      ],
    });
  });

  test('says of a line of more than 16 MiB that it is no row', async () => {
    const content = `text,label\n${'word '.repeat(2 ** 22)},x\n`;
    const preview = await room.preview({ sources: [{ upload: { uploadId: await room.upload(content, 'AUTO') } }] });
    expect(preview).toMatchObject({
      problems: [{ code: 'NO_VALID_ROWS', message: expect.stringContaining('longer than 16777216 bytes') }],
    });
  });

  test('tells rows that can not be read: how many, and the first ten of them', async () => {
    const content = `text,label\ngood,x\n${'only one\n'.repeat(12)}fine,y\n${'good,x\n'.repeat(100)}`;
    const sources = [
      { upload: { uploadId: await room.upload('text,label\na,x\n') } },
      { upload: { uploadId: await room.upload(content) } },
    ];
    const preview = await room.preview({ sources });
    expect(preview).toMatchObject({ rowCount: 103, sampledCount: 103, rejectedCount: 12 });
    expect(preview.rejectedRows).toEqual(
      Array.from({ length: 10 }, (_, i) => ({ line: 3 + i, code: 'TOO_FEW_COLUMNS', excerpt: 'only one' })),
    );
  });

  test('says what is wrong', async () => {
    const preview = await room.preview({ sources: await uploaded(), recipe: [{ dropColumns: { columns: ['no'] } }] });
    expect(preview).toMatchObject({
      problems: [{ path: ['recipe', '0', 'dropColumns', 'columns', '0'], code: 'UNKNOWN_COLUMN' }],
    });
  });
});

test('a recipe names only models of its project', async () => {
  const recipe = [
    { filterLength: { column: 'text', unit: 'TOKENS', atMost: 3, model: 'a'.repeat(64) } },
    { augmentText: { column: 'text', methods: [{ kind: 'MASKED_MODEL', modelDigest: 'b'.repeat(64) }] } },
  ];
  const expected = [
    { path: ['recipe', '0', 'filterLength', 'model'], code: 'NOT_FOUND' },
    { path: ['recipe', '1', 'augmentText', 'methods', '0', 'modelDigest'], code: 'NOT_FOUND' },
  ];
  const sources = await uploaded();
  expect(await room.problemsOf({ sources, recipe })).toMatchObject(expected);
  expect(await room.preview({ sources, recipe })).toMatchObject({ problems: expected });
});
