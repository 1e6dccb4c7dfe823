import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDb } from '../../../src/storage/duckdb.js';
import { type FileWorkshop, openFileWorkshop } from '../../support/ingested-file.js';

let workshop: FileWorkshop;
beforeAll(async () => {
  workshop = await openFileWorkshop();
});
afterAll(() => workshop?.[Symbol.asyncDispose]());

describe('whole numbers keep every digit', () => {
  test('of CSV: 64 bits are INTEGER, and longer ones are TEXT', async () => {
    const { types, written } = await workshop.read(
      'id,big,edge\n3405691582912345671,11898508762506083287,9223372036854775807\n3405691582912345672,1,-9223372036854775808\n',
      'CSV',
    );
    expect(types).toEqual(['INTEGER', 'TEXT', 'INTEGER']);
    expect(written).toEqual([
      '{"id":"3405691582912345671","big":"11898508762506083287","edge":"9223372036854775807"}',
      '{"id":"3405691582912345672","big":"1","edge":"-9223372036854775808"}',
    ]);
  });

  test('of CSV: among fractions they are TEXT, and numbers that a float holds are FLOAT', async () => {
    const { types, written } = await workshop.read(
      'mixed,point,score,large\n200000000000000003,40000000000000003.0,9007199254740992,1e300\n2.5,1,0.12345678901234567890,-2.5E+20\n',
      'CSV',
    );
    expect(types).toEqual(['TEXT', 'TEXT', 'FLOAT', 'FLOAT']);
    expect(written[0]).toContain('"mixed":"200000000000000003","point":"40000000000000003.0"');
  });

  test('of CSV and TSV: lists of them among fractions are lists of texts', async () => {
    const listColumns = ['a', 'b', 'c'].map(
      (column) => ({ column, separator: ' ', items: 'NUMBER', emptyList: false }) as const,
    );
    const { types, written } = await workshop.read(
      'a\tb\tc\n200000000000000003 7\t200000000000000003 0.5\t1 0.5\n',
      'TSV',
      { options: { listColumns } },
    );
    expect(types).toEqual(['INTEGER_LIST', 'TEXT_LIST', 'FLOAT_LIST']);
    expect(written).toEqual(['{"a":["200000000000000003",7],"b":["200000000000000003","0.5"],"c":[1,0.5]}']);
  });

  test('of JSON Lines, also nested ones', async () => {
    const { types, written } = await workshop.read(
      [
        '{"id":3405691582912345671,"mixed":200000000000000003,"big":11898508762506083287,"o":{"id":-3405691582912345671,"s":"3405691582912345671"},"l":[[3405691582912345671]]}',
        '{"id":3405691582912345672,"mixed":1.5,"big":1,"o":{"big":11898508762506083287,"f":1e300},"l":[]}',
      ].join('\n'),
      'JSONL',
    );
    expect(types).toEqual(['INTEGER', 'TEXT', 'TEXT', 'JSON', 'JSON']);
    expect(written[0]).toBe(
      '{"id":"3405691582912345671","mixed":"200000000000000003","big":"11898508762506083287","o":{"id":"-3405691582912345671","s":"3405691582912345671"},"l":[["3405691582912345671"]]}',
    );
    expect(written[1]).toContain('"o":{"big":"11898508762506083287","f":1e+300}');
  });

  test('so that rows with different ones are not kept together', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => `34056915829123456${String(i).padStart(3, '0')},message`);
    const fractions = [
      { name: 'train', fraction: 0.8 },
      { name: 'test', fraction: 0.2 },
    ];
    const { columns, splits } = await workshop.read(`user,text\n${rows.join('\n')}\n`, 'CSV', {
      split: { kind: 'drawn', fractions, seed: 0, stratifyBy: null, keepTogether: ['user'] },
    });
    expect(columns[0]).toMatchObject({ type: 'TEXT', distinct: 100 });
    expect(splits.map(({ exampleCount }) => exampleCount)).toEqual([80, 20]);
  });
});

describe('columns named by whole numbers', () => {
  test('keep their places, in the columns and in the values', async () => {
    const csv = await workshop.read('text,2020,2019\nx,1,2\n', 'CSV');
    expect(csv.columns.map(({ name }) => name)).toEqual(['text', '2020', '2019']);
    expect(csv.written).toEqual(['{"text":"x","2020":1,"2019":2}']);
    const json = await workshop.read(
      '{"text":"x","2020":1,"2019":2}\n{"7":0,"2020":1,"text":"y","0":{"2":1}}\n',
      'JSONL',
    );
    expect(json.columns.map(({ name }) => name)).toEqual(['text', '2020', '2019', '7', '0']);
    expect(json.written).toEqual([
      '{"text":"x","2020":1,"2019":2,"7":null,"0":null}',
      '{"text":"y","2020":1,"2019":null,"7":0,"0":{"2":1}}',
    ]);
  });
});

describe('JSON that is nested deeply', () => {
  const nested = (levels: number, inside = '1') => `${'['.repeat(levels)}${inside}${']'.repeat(levels)}`;

  test.each([
    ['lists', nested(501)],
    ['many lists', nested(150_000)],
    ['lists around an escaped character', nested(5000, '"\\ud83d\\ude00"')],
    ['objects', `${'{"a":'.repeat(6000)}1${'}'.repeat(6000)}`],
  ])('rejects the row of %s, with its line', async (_, value) => {
    const version = await workshop.read(`{"v":1}\n{"v":${value}}\n{"v":[2]}\n`, 'JSONL');
    expect(version).toMatchObject({ exampleCount: 2, rejectedCount: 1 });
    expect(version.rejectedRows[0]).toMatchObject({ line: 2, code: 'NESTED_TOO_DEEPLY' });
  });

  test('is read up to 500 levels', async () => {
    const { written } = await workshop.read(`{"v":${nested(500)}}\n`, 'JSONL');
    expect(written).toEqual([`{"v":${nested(500)}}`]);
  });

  test('does not spoil the pages of versions that hold it already', async () => {
    const path = join(workshop.root, 'deep.parquet');
    const duckdb = await openDuckDb(
      { path: ':memory:', threads: 1, memoryLimitMb: 256, temporaryFolder: workshop.root },
      1,
    );
    await duckdb.query(
      `COPY (SELECT CAST($value AS JSON) AS v, 0::BIGINT AS __attune_row, 'train' AS __attune_split) TO '${path}'`,
      { value: nested(6000) },
    );
    duckdb.close();
    const { digest } = await workshop.store.adopt(path);
    const [example] = await workshop.reader.readExamples({ digest, split: null, afterRow: null, limit: 1 });
    expect(JSON.stringify(example?.values)).toBe(`{"v":"${nested(6000)}"}`);
  });
});
