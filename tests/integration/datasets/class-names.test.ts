import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSplitRows } from '../../../gpu-worker/data/split-rows.js';
import { openDuckDb } from '../../../src/storage/duckdb.js';
import { type FileWorkshop, type IngestedFile, openFileWorkshop } from '../../support/ingested-file.js';
import { parquetOf } from '../../support/parquet.js';

let workshop: FileWorkshop;
beforeAll(async () => {
  workshop = await openFileWorkshop();
});
afterAll(() => workshop?.[Symbol.asyncDispose]());

/** The labels of the column “label” by everyone who reads them: the report, the API and the worker. */
async function namesOf(version: IngestedFile) {
  const query = { digest: version.digest, textColumns: ['text'], labelColumns: ['label'] };
  const counted = await workshop.reader.countLabels(query);
  const rows = await readSplitRows({
    path: version.storedPath,
    split: { name: 'train', path: [] },
    textColumn: { name: 'text', path: [] },
    pairColumn: null,
    targetColumns: [{ name: 'label', path: [], as: 'text' }],
    wantsWords: false,
    maxCharacters: 100,
    truncationSide: 'right',
  });
  const inReport = version.columns.find(({ name }) => name === 'label')?.labels?.map(({ label }) => label);
  const inApi = counted.labels.label?.map(({ label }) => label);
  const values = rows.targets[0]!.values as readonly (string | null)[];
  const inWorker = [...new Set(values)].filter((name) => name !== null);
  expect([inApi, inWorker].map((names) => [...names!].sort())).toEqual(Array(2).fill([...inReport!].sort()));
  return values;
}

const csv = (labels: readonly string[]) => `text,label\n${labels.map((label, i) => `text ${i},${label}\n`).join('')}`;

describe('a class is the text of a delimited file', () => {
  test.each([
    ['FLOAT', ['3.1', '3.10', '3.9', '3.10']],
    ['FLOAT', ['1', '2', '3', '4.5']],
    ['FLOAT', ['1000', '1e3', '1000.0', '0.50', '.5']],
    ['FLOAT', ['-0.0', '0.0', '0', '1e-400']],
    ['INTEGER', ['-0', '0', '7']],
    ['BOOLEAN', ['True', 'FALSE', 'true']],
    ['TIMESTAMP', ['2024-01-01', '2024-01-01 00:00:00', '2024-06-30T10:00:00']],
    ['TEXT', ['007', '7']],
  ])('%s: %j', async (type, labels) => {
    const version = await workshop.read(csv(labels), 'CSV');
    expect(version.columns[1]).toMatchObject({ type, distinct: new Set(labels).size });
    expect(await namesOf(version)).toEqual(labels);
  });

  test('also of zeros with and without a sign, that Parquet would hold once where they are repeated', async () => {
    const labels = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? '-0.0' : '0.0'));
    expect(await namesOf(await workshop.read(csv(labels), 'CSV'))).toEqual(labels);
  });

  test('and a missing label stays missing', async () => {
    expect(await namesOf(await workshop.read(csv(['1', '', '2.50']), 'CSV'))).toEqual(['1', null, '2.50']);
  });

  test('while its values are numbers, and its columns those of the file', async () => {
    const version = await workshop.read(csv(['3.10', '4']), 'CSV');
    expect(version.columns.map(({ name }) => name)).toEqual(['text', 'label']);
    expect(version.written).toEqual(['{"text":"text 0","label":3.1}', '{"text":"text 1","label":4}']);
    const numbers = { digest: version.digest, textColumns: ['text'], numberColumns: ['label'] };
    expect((await workshop.reader.summarizeNumbers(numbers)).label).toMatchObject([{ minimum: 3.1, maximum: 4 }]);
  });

  test('and names splits too', async () => {
    const split = { kind: 'column', column: 'label' } as const;
    const version = await workshop.read(csv(['1', '1', '2']), 'CSV', { split });
    expect(version.splits.map(({ name }) => name)).toEqual(['1', '2']);
    const flags = await workshop.read(csv(['True', 'False']), 'CSV', { split });
    expect(flags.splits.map(({ name }) => name)).toEqual(['True', 'False']);
  });

  test('but rows with equal numbers are kept together, however they are written', async () => {
    const labels = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? '0.5' : '0.50'));
    const fractions = [
      { name: 'train', fraction: 0.5 },
      { name: 'test', fraction: 0.5 },
    ];
    const version = await workshop.read(csv(labels), 'CSV', {
      split: { kind: 'drawn', fractions, seed: 0, stratifyBy: null, keepTogether: ['label'] },
    });
    expect(version.splits.map(({ exampleCount }) => exampleCount).sort()).toEqual([0, 40]);
  });
});

describe('a class without a text of its own', () => {
  test('is a number written plainly, whether its column holds fractions or not', async () => {
    const lines = (labels: readonly string[]) =>
      labels.map((label, i) => `{"text":"text ${i}","label":${label}}`).join('\n');
    expect(await namesOf(await workshop.read(lines(['1', '2.0', '3', '4.5', '1e3', '-0.0', '0.0']), 'JSONL'))).toEqual([
      '1',
      '2',
      '3',
      '4.5',
      '1000',
      '0',
      '0',
    ]);
    expect(await namesOf(await workshop.read(lines(['1', '2', '3']), 'JSONL'))).toEqual(['1', '2', '3']);
    expect(await namesOf(await workshop.read(lines(['true', 'false']), 'JSONL'))).toEqual(['true', 'false']);
  });

  test('of Parquet as of JSON Lines', async () => {
    const file = await parquetOf("SELECT 'a' AS text, unnest([1, 2.5, -0.0, 1e300, 'NaN']::DOUBLE[]) AS label");
    const version = await workshop.read(file, 'PARQUET');
    expect(await namesOf(version)).toEqual(['1', '2.5', '0', '1e+300', 'nan']);
  });

  test.each([
    ['32-bit numbers', 'unnest([0.1, 2, -0.0, NULL, 16777216]::FLOAT[])', ['0.1', '2', '0', null, '16777216']],
    ['decimals', 'unnest([3.10, 4, 2.5]::DECIMAL(9, 2)[])', ['3.1', '4', '2.5']],
    ['dates', "unnest(['2024-01-01', '0004-02-29']::DATE[])", ['2024-01-01', '0004-02-29']],
    ['times', "unnest(['2024-01-01 10:00:00']::TIMESTAMP[])", ['2024-01-01 10:00:00']],
    ['flags', 'unnest([true, false])', ['true', 'false']],
  ])('of Parquet, in %s', async (_, values, names) => {
    const version = await workshop.read(await parquetOf(`SELECT 'a' AS text, ${values} AS label`), 'PARQUET');
    expect(await namesOf(version)).toEqual(names);
    expect(version.columns).toHaveLength(2);
  });
});

test('versions without texts beside their values are read as before', async () => {
  const path = join(workshop.root, 'older.parquet');
  const duckdb = await openDuckDb(
    { path: ':memory:', threads: 1, memoryLimitMb: 256, temporaryFolder: workshop.root },
    1,
  );
  await duckdb.query(
    `COPY (SELECT 'a' AS text, unnest([1, 2.5]::DOUBLE[]) AS label, 0 AS __attune_row, 'train' AS __attune_split)
     TO '${path}' (FORMAT parquet)`,
  );
  duckdb.close();
  const { digest } = await workshop.store.adopt(path);
  const { labels } = await workshop.reader.countLabels({ digest, textColumns: ['text'], labelColumns: ['label'] });
  expect(labels.label?.map(({ label }) => label)).toEqual(['1.0', '2.5']);
});

test('a file only keeps texts that its values do not give', async () => {
  const duckdb = await openDuckDb(
    { path: ':memory:', threads: 1, memoryLimitMb: 256, temporaryFolder: workshop.root },
    1,
  );
  const columnsOf = async (content: string) => {
    const { storedPath } = await workshop.read(content, 'CSV');
    const rows = await duckdb.query<{ column_name: string }>(`DESCRIBE SELECT * FROM read_parquet('${storedPath}')`);
    return rows.map(({ column_name: name }) => name);
  };
  expect(await columnsOf('text,n,f\na,1,0.5\nb,2,1e+300\n')).toEqual([
    'text',
    'n',
    'f',
    '__attune_row',
    '__attune_split',
  ]);
  expect(await columnsOf('text,n,f\na,1,0.50\n')).toEqual([
    'text',
    'n',
    'f',
    '__attune_text:f',
    '__attune_row',
    '__attune_split',
  ]);
  duckdb.close();
  const [problem] = await workshop.problemsOf('text,__Attune_text:a\nx,1\n', 'CSV');
  expect(problem).toMatchObject({ code: 'INVALID_COLUMN_NAME', message: expect.stringContaining('reserved') });
});
