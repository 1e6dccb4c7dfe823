import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FileFormat } from '../../../src/protocol/datasets/split-request.js';
import { type FileWorkshop, openFileWorkshop } from '../../support/ingested-file.js';

/**
 * Files of random columns, as Attune, pandas and PyArrow read them: types and values are the same, but for the
 * differences that are listed here. Files and the readers' answers are made by reference/generated-files.py.
 */

type Reader = 'pandas' | 'pyarrow';

interface Answer {
  readonly type: string;
  readonly values: readonly unknown[];
}

interface GeneratedFile {
  readonly format: FileFormat;
  readonly content?: string;
  readonly base64?: string;
  readonly columns: readonly {
    readonly name: string;
    readonly kind: string;
    /** Null: the reader refuses the column, or has no types for it. */
    readonly pandas: Answer | 'as PyArrow' | null;
    readonly pyarrow: Answer | null;
  }[];
}

/** Where Attune reads otherwise on purpose: the type that it finds, and those that the readers find. */
const differences: readonly {
  readonly kind: string | RegExp;
  readonly attune: string;
  readonly pandas?: string | RegExp;
  readonly pyarrow?: string | RegExp;
  readonly why: string;
}[] = [
  ...(['leading zeros', 'numbers with blanks'] as const).map((kind) => ({
    kind,
    attune: 'TEXT',
    pandas: 'INTEGER',
    pyarrow: 'INTEGER',
    why: 'More likely codes than numbers; as numbers they would not come back as they were.',
  })),
  { kind: 'plus signs', attune: 'TEXT', pandas: 'INTEGER', pyarrow: 'FLOAT', why: 'Likewise.' },
  { kind: 'numbers of base 16', attune: 'TEXT', pyarrow: 'INTEGER', why: 'Likewise.' },
  { kind: 'numbers and inf', attune: 'TEXT', pandas: 'FLOAT', pyarrow: 'FLOAT', why: 'A word is no number.' },
  {
    kind: 'identifiers and a fraction',
    attune: 'TEXT',
    pandas: 'FLOAT',
    pyarrow: 'FLOAT',
    why: 'A float would change the identifiers.',
  },
  {
    kind: 'whole numbers of 64 bits without a sign',
    attune: 'TEXT',
    pandas: /INTEGER|TEXT/,
    pyarrow: 'FLOAT',
    why: 'INTEGER has 64 bits with a sign, and a float would change the digits.',
  },
  { kind: 'whole numbers beyond 64 bits', attune: 'TEXT', pyarrow: 'FLOAT', why: 'Likewise.' },
  { kind: 'uint64', attune: 'TEXT', pandas: 'INTEGER', pyarrow: 'INTEGER', why: 'Likewise.' },
  { kind: /^list<uint64>/, attune: 'TEXT_LIST', pyarrow: 'INTEGER_LIST', why: 'Likewise.' },
  { kind: /^decimal.*many digits/, attune: 'TEXT', pyarrow: /INTEGER|FLOAT/, why: 'Likewise.' },
  { kind: /^list<decimal.*many digits>/, attune: 'JSON', pyarrow: 'FLOAT_LIST', why: 'Likewise.' },
  {
    kind: 'whole numbers of 64 bits',
    attune: 'INTEGER',
    pandas: /INTEGER|FLOAT/,
    why: 'pandas rounds those of JSON.',
  },
  { kind: 'double', attune: 'FLOAT', pandas: 'FLOAT', why: 'pandas takes NaN for a missing value.' },
  ...(['dates', 'times', 'times with T', 'times with fractions'] as const).map((kind) => ({
    kind,
    attune: 'TIMESTAMP',
    pandas: 'TEXT',
    why: 'pandas looks for times where it is told to.',
  })),
  {
    kind: 'times with a zone',
    attune: 'TEXT',
    pyarrow: 'TIMESTAMP',
    why: 'The text has a zone that the type has not.',
  },
  { kind: 'words for nothing', attune: 'TEXT', pandas: /TEXT|INTEGER/, why: '“NA”, “null” and “None” are words too.' },
  { kind: 'numbers and NA', attune: 'TEXT', pandas: 'INTEGER', why: 'Likewise.' },
  { kind: 'nothing', attune: 'TEXT', pandas: 'INTEGER', why: 'A column without values is text.' },
  { kind: 'words and numbers', attune: 'TEXT', pandas: 'TEXT', why: 'pandas has columns of values of many types.' },
];
const met = new Set<(typeof differences)[number]>();

const url = new URL('reference/generated-files.reference.json', import.meta.url);
const files: readonly GeneratedFile[] = JSON.parse(readFileSync(url, 'utf8'));

let workshop: FileWorkshop;
beforeAll(async () => {
  workshop = await openFileWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

test.each(files.map((file, index) => [index, file.format, file] as const))('file %i, %s', async (_, format, file) => {
  const { content, base64, columns } = file;
  const version = await workshop.read(content ?? Buffer.from(base64!, 'base64'), format);
  const rows = version.written.map((row) => JSON.parse(row) as Record<string, unknown>);
  expect(version).toMatchObject({ rejectedCount: 0, leftOutColumns: [] });
  for (const { name, kind, pandas, pyarrow } of columns) {
    const { type } = version.columns.find((column) => column.name === name)!;
    const values = rows.map((row) => row[name]);
    const answers = { pyarrow, pandas: pandas === 'as PyArrow' ? pyarrow : pandas };
    for (const reader of ['pandas', 'pyarrow'] as const) {
      const answer = answers[reader];
      if (answer !== null) compare({ kind, reader, type, values }, answer);
    }
  }
});

test('the differences that are listed are there', () => {
  expect(differences.filter((difference) => !met.has(difference))).toEqual([]);
});

function compare(
  read: { readonly kind: string; readonly reader: Reader; readonly type: string; readonly values: readonly unknown[] },
  answer: Answer,
): void {
  const { kind, reader, type, values } = read;
  const what = `${kind}, read by ${reader}`;
  const difference = differences.find(
    (each) => each[reader] !== undefined && (typeof each.kind === 'string' ? each.kind === kind : each.kind.test(kind)),
  );
  if (difference !== undefined && (type !== answer.type || JSON.stringify(values) !== JSON.stringify(answer.values))) {
    met.add(difference);
    expect(type, what).toBe(difference.attune);
    expect(answer.type, what).toMatch(difference[reader]!);
    return;
  }
  expect(values, what).toEqual(answer.values);
  // A list with a missing item has no list type, and pandas has none at all.
  const hasGaps = values.some((list) => Array.isArray(list) && list.includes(null));
  if (answer.type === 'LIST') expect(type, what).toMatch(hasGaps ? /JSON/ : /JSON|_LIST$/);
  else expect(type, what).toBe(answer.type.endsWith('_LIST') && hasGaps ? 'JSON' : answer.type);
}
