import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { previewRows } from '../../../gpu-worker/preparation/preview-rows.js';
import { openFileWorkshop } from '../../support/ingested-file.js';

type Workshop = Awaited<ReturnType<typeof openFileWorkshop>>;

/** A preview in a folder of its own. */
async function previewOfBytes(workshop: Workshop, bytes: Buffer, fileName: string) {
  const root = await mkdtemp(join(workshop.root, 'preview-'));
  const path = join(root, 'uploaded');
  await writeFile(path, bytes);
  return previewOf({ ...workshop, root }, path, fileName);
}

function previewOf(workshop: Workshop, path: string, fileName: string) {
  return previewRows(
    {
      sources: [
        {
          kind: 'upload',
          uploadId: '00000000-0000-4000-8000-000000000000',
          fileName,
          digest: '0'.repeat(64),
          format: 'AUTO',
          fileOptions: null,
          split: null,
          path,
        },
      ],
      recipe: [],
      maxRows: 10,
      folder: workshop.root,
      versionPath: async () => Promise.reject(new Error('no version is read')),
      tokenCounter: async () => Promise.reject(new Error('no token is counted')),
      maskedModel: async () => Promise.reject(new Error('no model is opened')),
    },
    { threads: 1, memoryLimitMb: 256 },
    () => undefined,
  );
}

test('a preview tells the format and the encoding that were found', async () => {
  await using workshop = await openFileWorkshop();
  const path = join(workshop.root, 'rows');
  await writeFile(path, 'text;label\nGrüße;ja\n', 'latin1');
  const { formats, notices, rows } = await previewOf(workshop, path, 'rows.txt');
  expect(formats).toEqual(['CSV']);
  expect(notices.map(({ code }) => code)).toEqual(['FORMAT_FOUND', 'ENCODING_RECOGNISED', 'DELIMITER_FOUND']);
  expect(rows).toEqual([{ row: 0, values: ['Grüße', 'ja'] }]);
});

/** Rows of 1,024 bytes, so that 17 MiB of them are 17,408, and as many as are asked for. */
const csvOf = (rows: number) =>
  Buffer.from(`text,label\n${Array.from({ length: rows }, (_, i) => `${String(i).padStart(1021, '-')},a\n`).join('')}`);

/** A Zstandard frame of raw blocks (RFC 8878), which is as long as its content. */
function zstdOf(content: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38])];
  const most = 2 ** 17;
  for (let at = 0; at < content.length; at += most) {
    const block = content.subarray(at, at + most);
    const header = Buffer.alloc(3);
    header.writeUIntLE((block.length << 3) | (at + most >= content.length ? 1 : 0), 0, 3);
    parts.push(header, block);
  }
  return Buffer.concat(parts);
}

test.each([
  ['gzip', 'rows.csv.gz', (content: Buffer) => gzipSync(content, { level: 1 })],
  ['Zstandard', 'rows.csv.zst', zstdOf],
])('of a compressed file of lines only the beginning is unpacked: %s', async (_, fileName, pack) => {
  await using workshop = await openFileWorkshop();
  const write = async (name: string, bytes: Buffer) => {
    const path = join(workshop.root, name);
    await writeFile(path, bytes);
    return path;
  };
  const packed = pack(csvOf(20_000));
  const cut = await previewOf(
    { ...workshop, root: join(workshop.root, 'one') },
    await write('whole', packed),
    fileName,
  );
  expect(cut).toMatchObject({ formats: ['CSV'], rowCount: null, sampledCount: 10 });
  expect(cut.rows.map(({ values }) => values[1])).toEqual(Array(10).fill('a'));
  // What is damaged beyond the beginning is not seen, as it is not read.
  const damaged = await write('damaged', packed.subarray(0, packed.length - 100));
  const beginning = await previewOf({ ...workshop, root: join(workshop.root, 'two') }, damaged, fileName);
  expect(beginning).toEqual(cut);
  // A file that is short when it is unpacked is read whole, with its faults.
  const short = pack(csvOf(100));
  const whole = await previewOf(
    { ...workshop, root: join(workshop.root, 'three') },
    await write('short', short),
    fileName,
  );
  expect(whole).toMatchObject({ formats: ['CSV'], rowCount: 100, sampledCount: 10 });
  const broken = await write('broken', short.subarray(0, short.length - 20));
  await expect(previewOf({ ...workshop, root: join(workshop.root, 'four') }, broken, fileName)).rejects.toMatchObject({
    problems: [{ code: 'INVALID_FILE' }],
  });
});

const tooLong = { line: 2, code: 'TOO_LONG', reason: 'The row is longer than 16777216 bytes.' };
const rest = Array.from({ length: 20 }, (_, i) => `row ${i},a\n`).join('');

test.each([
  ['one line', 'x'.repeat(20 * 2 ** 20)],
  ['many lines', `${'x'.repeat(1023)}\n`.repeat(20 * 2 ** 10)],
])('of a quoted value that is too long a preview says what the version does: %s', async (_, value) => {
  await using workshop = await openFileWorkshop();
  const content = Buffer.from(`text,label\n"${value}",b\n${rest}`);
  for (const [bytes, name] of [
    [content, 'rows.csv'],
    [gzipSync(content, { level: 1 }), 'rows.csv.gz'],
  ] as const) {
    const preview = await previewOfBytes(workshop, bytes, name);
    expect(preview).toMatchObject({ rejectedCount: 1, rejectedRows: [tooLong], sampledCount: 10 });
    expect(preview.rows[0]?.values).toEqual(['row 0', 'a']);
  }
});

test('a preview is not cut within a quoted value, and of a quote without end keeps the rows before it', async () => {
  await using workshop = await openFileWorkshop();
  // More lines than are read for ten rows, in a value that is not too long.
  const value = 'a line\n'.repeat(50_000);
  const first = `text,label\n"${value}",b\n${rest}`;
  const filler = Buffer.from(`${'y'.repeat(1021)},a\n`.repeat(17 * 1024));
  const cut = await previewOfBytes(workshop, Buffer.concat([Buffer.from(first), filler]), 'rows.csv');
  expect(cut).toMatchObject({ rejectedCount: 0, rowCount: null, sampledCount: 10 });
  expect(cut.rows.map(({ values }) => values[1])).toEqual(['b', ...Array<string>(9).fill('a')]);
  const stray = Buffer.concat([Buffer.from(`text,label\ngood,a\n"stray,a\n`), filler]);
  expect(await previewOfBytes(workshop, stray, 'rows.csv')).toMatchObject({
    sampledCount: 1,
    rejectedRows: [{ ...tooLong, line: 3 }],
  });
});

const longLine = (length: number) => `${JSON.stringify({ text: 'x'.repeat(length), label: 'b' })}\n`;

test.each(['rows.jsonl', 'rows.ndjson', 'rows.json', 'rows'])(
  'JSON Lines whose first line is long are found: %s',
  async (name) => {
    await using workshop = await openFileWorkshop();
    const lines = Buffer.from(`${longLine(3 * 2 ** 20)}${'{"text":"short","label":"a"}\n'.repeat(3)}`);
    expect(await previewOfBytes(workshop, lines, name)).toMatchObject({ formats: ['JSONL'], rowCount: 4 });
    expect((await workshop.read(lines, 'AUTO', { name })).exampleCount).toBe(4);
    // A document in one long line stays one.
    const rows = Array.from({ length: 30_000 }, (_, i) => ({ text: `${'y'.repeat(40)} ${i}`, label: 'a' }));
    const document = Buffer.from(`${JSON.stringify({ rows })}\n`);
    if (name.endsWith('l') || name.endsWith('ndjson')) return;
    expect(await previewOfBytes(workshop, document, name)).toMatchObject({ formats: ['JSON'], rowCount: 30_000 });
  },
);
