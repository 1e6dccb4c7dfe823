import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { poolQuery } from '../../../src/database/transaction.js';
import { createAppendExamplesService } from '../../../src/datasets/appended/append-examples.service.js';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import { appending, next, texts } from '../../support/appending.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

/** Examples that an application sent, while no version is made of them. */

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom();
});
afterAll(() => room[Symbol.asyncDispose]());

const { append, dataset, discard, storedFiles, waiting } = appending(() => room);

describe('a preparation that makes no version', () => {
  test('gives its examples back, and leaves no file', async () => {
    const made = await dataset();
    const id = made.dataset.id;
    await append(id, texts('given back', 'and this'));
    const before = await storedFiles();
    const recipe = [{ dropDuplicates: { columns: ['nothing'], match: 'EXACT' } }];
    expect(await room.problemsOf(next(made, { recipe }))).toMatchObject([{ code: 'UNKNOWN_COLUMN' }]);
    expect((await waiting(id)).map(({ preparation }) => preparation)).toEqual([null, null]);
    expect(await storedFiles()).toBe(before);
    // A refusal before there is a preparation changes nothing either.
    const tooLong = { idempotencyKey: 'k'.repeat(300) };
    expect(await room.problemsOf(next(made, tooLong))).toMatchObject([{ code: 'TOO_LONG' }]);
    expect(await waiting(id)).toHaveLength(2);
    expect(await storedFiles()).toBe(before);
    expect(await room.prepare(next(made))).toMatchObject({ exampleCount: 4 });
    // The rows of the version, and the examples that it was made of.
    expect(await storedFiles()).toBe(before + 2);
  });

  test('by values that the latest version can not hold any more tells it', async () => {
    const made = await dataset('text,n\nx,one\ny,two\n');
    await append(made.dataset.id, [{ values: { text: 'z', n: 'three' } }]);
    const uploadId = await room.upload('text,n\nx,1\ny,2\n');
    const second = await room.prepare({ datasetId: made.dataset.id, sources: [{ upload: { uploadId } }] });
    expect(await room.problemsOf(next(second))).toMatchObject([
      { path: ['sources', '1', 'appended', 'datasetId'], code: 'WRONG_COLUMN_TYPE' },
    ]);
    expect(await waiting(made.dataset.id)).toHaveLength(1);
  });

  test.each([
    ['another dataset', async () => (await dataset()).dataset.id],
    ['none of its own', async () => null],
  ])('of %s is refused', async (_, target) => {
    const made = await dataset();
    await append(made.dataset.id, texts('x'));
    const datasetId = await target();
    const input = {
      sources: [{ appended: { datasetId: made.dataset.id } }],
      ...(datasetId === null ? {} : { datasetId }),
    };
    expect(await room.problemsOf(input)).toMatchObject([
      { path: ['sources', '0', 'appended', 'datasetId'], code: 'INVALID_VALUE' },
    ]);
  });

  test('in which a source gets a split of no proper name is refused', async () => {
    const made = await dataset();
    await append(made.dataset.id, texts('x'));
    const sources = [
      { version: { datasetVersionId: made.id, split: 'my split' } },
      { appended: { datasetId: made.dataset.id, split: '' } },
    ];
    const found = await room.problemsOf({ datasetId: made.dataset.id, sources });
    expect(found.map(({ path, code }) => `${path.join('.')} ${code}`)).toEqual([
      'sources.0.version.split INVALID_VALUE',
      'sources.1.appended.split INVALID_VALUE',
    ]);
  });

  test('because none waits says so by a code', async () => {
    const made = await dataset();
    const found = [{ path: ['sources', '1', 'appended', 'datasetId'], code: 'NO_EXAMPLES_WAITING' }];
    expect(await room.problemsOf(next(made))).toMatchObject(found);
    expect(await room.preview({ sources: next(made).sources })).toMatchObject({ problems: found });
  });
});

describe('examples that wait', () => {
  test('are discarded, all or some of them', async () => {
    const {
      dataset: { id },
    } = await dataset();
    await append(id, texts('a', 'b', 'c', 'd', 'e'));
    expect(await discard({ datasetId: id, fromNumber: 2, toNumber: 3 })).toBe(2);
    expect(await discard({ datasetId: id, fromNumber: 2, toNumber: 3 })).toBe(0);
    expect((await waiting(id)).map(({ number }) => number)).toEqual([1, 4, 5]);
    expect(await discard({ datasetId: id, fromNumber: 5 })).toBe(1);
    expect(await discard({ datasetId: id })).toBe(2);
    const [feed] = await room.api.dataSource.query(
      'SELECT row_count, bytes, last_number FROM example_feeds WHERE dataset_id = $1',
      [parseGlobalId(id)!.uuid],
    );
    expect(feed).toEqual({ row_count: '0', bytes: '0', last_number: '5' });
  });

  test('are limited in number and bytes', async () => {
    const {
      dataset: { id },
    } = await dataset();
    const service = createAppendExamplesService({
      dataSource: room.api.dataSource,
      query: poolQuery(room.api.dataSource),
      limits: { examples: 3, bytes: 60 },
    });
    const send = (examples: { values: unknown }[]) =>
      service.append({ datasetId: id, examples, allowNewColumns: false, allowNewSplits: false, idempotencyKey: null });
    const codeOf = (promise: Promise<unknown>) =>
      promise.then(
        () => null,
        (error: unknown) => (error instanceof ProblemsError ? error.problems[0]!.code : error),
      );
    await send(texts('a', 'b'));
    expect(await codeOf(send(texts('c', 'd')))).toBe('TOO_MANY_WAITING');
    // {"text":"…"} has 11 bytes beside the text: 2 × 12 and 37 are 61.
    expect(await codeOf(send(texts('x'.repeat(26))))).toBe('TOO_MANY_WAITING');
    expect(await codeOf(send(texts('x'.repeat(25))))).toBe(null);
    expect(await waiting(id)).toHaveLength(3);
  });

  test('go with their dataset', async () => {
    const {
      dataset: { id },
    } = await dataset();
    await append(id, texts('a'), { idempotencyKey: 'gone with it' });
    await room.api.request('mutation ($input: DeleteDatasetInput!) { deleteDataset(input: $input) { __typename } }', {
      input: { datasetId: id },
    });
    for (const table of ['appended_examples', 'example_feeds', 'example_appends']) {
      const rows = await room.api.dataSource.query(`SELECT FROM ${table} WHERE dataset_id = $1`, [
        parseGlobalId(id)!.uuid,
      ]);
      expect(rows).toEqual([]);
    }
    expect((await append(id, texts('a'))).problems).toMatchObject([{ code: 'NOT_FOUND' }]);
  });

  test('that hold what no text can are refused as a whole', async () => {
    const {
      dataset: { id },
    } = await dataset();
    const { body } = await room.api.send(
      'mutation ($input: AppendExamplesInput!) { appendExamples(input: $input) { __typename } }',
      { input: { datasetId: id, examples: texts('fine', 'a\u0000b') } },
    );
    expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(await waiting(id)).toEqual([]);
  });

  test('are taken a thousand at a time, of forty columns', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `column${i}`);
    const made = await dataset(`${names.join(',')}\n${names.map(() => 'x').join(',')}\n`);
    const examples = Array.from({ length: 1000 }, (_, row) => ({
      values: Object.fromEntries(names.map((name) => [name, `${name} ${row}`])),
    }));
    expect(await append(made.dataset.id, examples)).toMatchObject({ count: 1000, lastNumber: 1000 });
    const second = await room.prepare(next(made));
    expect(second.exampleCount).toBe(1001);
    const [last] = (await room.rowsOf(second)).slice(-1);
    expect(last!.column39).toBe('column39 999');
  });
});
