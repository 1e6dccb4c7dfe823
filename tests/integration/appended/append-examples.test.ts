import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appending, next, texts } from '../../support/appending.js';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

/** An application feeds a dataset, and versions are made with what it sent. */

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom();
});
afterAll(() => room[Symbol.asyncDispose]());

const { append, dataset, discard, waiting } = appending(() => room);

describe('examples that are appended', () => {
  test('wait, and become the next version once, behind its other rows and in their order', async () => {
    const made = await dataset();
    const id = made.dataset.id;
    expect(
      await append(id, [{ values: { text: 'third', label: 'a' } }, { values: { text: 'fourth' }, split: 'test' }]),
    ).toEqual({
      dataset: { id },
      count: 2,
      firstNumber: 1,
      lastNumber: 2,
    });
    expect(await append(id, [{ values: { label: 'b', text: 'fifth' } }])).toMatchObject({
      firstNumber: 3,
      lastNumber: 3,
    });
    expect(await waiting(id)).toEqual([
      { number: 1, split: null, values: { text: 'third', label: 'a' }, preparation: null },
      { number: 2, split: 'test', values: { text: 'fourth' }, preparation: null },
      { number: 3, split: null, values: { label: 'b', text: 'fifth' }, preparation: null },
    ]);
    const second = await room.prepare(next(made, { recipe: [{ changeCase: { columns: ['text'], to: 'UPPER' } }] }));
    const rows = await room.rowsOf(second);
    expect(rows.map(({ text, label }) => [text, label])).toEqual([
      ['FIRST', 'a'],
      ['SECOND', 'b'],
      ['THIRD', 'a'],
      ['FOURTH', null],
      ['FIFTH', 'b'],
    ]);
    expect(rows[3]!.split).toBe('test');
    expect(second.columns).toEqual(made.columns.map(({ name, type }) => ({ name, type })));
    expect(await waiting(id)).toEqual([]);
    const { node } = await room.api.request<{ node: { sources: unknown } }>(
      `query ($id: ID!) { node(id: $id) { ... on DatasetVersion {
         sources { fileName appendedCount version { id } digest } } } }`,
      { id: second.id },
    );
    expect(node.sources).toMatchObject([
      { appendedCount: null, version: { id: made.id } },
      { appendedCount: 3, version: null, fileName: null },
    ]);
    // Numbers are not given again.
    expect(await append(id, texts('sixth'))).toMatchObject({ firstNumber: 4 });
    expect(await room.problemsOf(next(second, { recipe: [{ dropColumns: { columns: ['nothing'] } }] }))).toMatchObject([
      { code: 'UNKNOWN_COLUMN' },
    ]);
    expect(await waiting(id)).toMatchObject([{ number: 4, preparation: null }]);
  });

  test('have the types of the latest version, whatever they look like', async () => {
    const line = {
      text: 'a',
      n: 5,
      x: 1.5,
      flag: true,
      words: ['a'],
      ids: [1],
      vector: [0.5],
      any: { k: 1 },
      other: ['x', 1, null],
    };
    const uploadId = await room.upload(`${JSON.stringify(line)}\n`, 'JSONL');
    const made = await room.prepare({ sources: [{ upload: { uploadId } }] });
    const timed = await room.prepare({
      sources: [
        { upload: { uploadId: await room.upload('text,at\nb,2024-05-01\n') } },
        { version: { datasetVersionId: made.id } },
      ],
    });
    const types = Object.fromEntries(timed.columns.map(({ name, type }) => [name, type]));
    expect(types).toEqual({
      text: 'TEXT',
      at: 'TIMESTAMP',
      n: 'INTEGER',
      x: 'FLOAT',
      flag: 'BOOLEAN',
      words: 'TEXT_LIST',
      ids: 'INTEGER_LIST',
      vector: 'FLOAT_LIST',
      any: 'JSON',
      other: 'JSON',
    });
    const examples = [
      // Each could be another type by its values alone.
      {
        text: '12',
        at: '2024-06-01',
        n: '9007199254740993',
        x: 2,
        flag: false,
        words: [],
        ids: [],
        vector: [1, 2],
        any: 'text',
        other: [1],
      },
      { text: '2024-01-01', at: '2024-06-02T10:00:00+02:00', any: 7, other: 'y' },
      { text: 'true', any: { deep: ['9007199254740993'] }, other: true },
    ].map((values) => ({ values }));
    expect(await append(timed.dataset.id, examples)).toMatchObject({ count: 3 });
    // Alone, too, and also of the columns that no example has.
    const alone = await room.prepare({
      datasetId: timed.dataset.id,
      sources: [{ appended: { datasetId: timed.dataset.id, split: 'train' } }],
    });
    expect(Object.fromEntries(alone.columns.map(({ name, type }) => [name, type]))).toEqual(types);
    expect(await room.rowsOf(alone)).toEqual([
      {
        split: 'train',
        text: '12',
        at: '2024-06-01T00:00:00.000Z',
        n: '9007199254740993',
        x: 2,
        flag: false,
        words: [],
        ids: [],
        vector: [1, 2],
        any: 'text',
        other: [1],
      },
      {
        split: 'train',
        text: '2024-01-01',
        at: '2024-06-02T08:00:00.000Z',
        n: null,
        x: null,
        flag: null,
        words: null,
        ids: null,
        vector: null,
        any: 7,
        other: 'y',
      },
      {
        split: 'train',
        text: 'true',
        at: null,
        n: null,
        x: null,
        flag: null,
        words: null,
        ids: null,
        vector: null,
        any: { deep: ['9007199254740993'] },
        other: true,
      },
    ]);
  });

  test('may have new columns where that is said, whose type is that of their values', async () => {
    const made = await dataset();
    expect((await append(made.dataset.id, [{ values: { topic: 3 } }])).problems).toMatchObject([
      { path: ['examples', '0', 'values', 'topic'], code: 'UNKNOWN_COLUMN' },
    ]);
    await append(made.dataset.id, [{ values: { topic: 3 } }, { values: { topic: null, text: 'x' } }], {
      allowNewColumns: true,
    });
    const second = await room.prepare(next(made));
    expect(second.columns).toEqual([
      { name: 'text', type: 'TEXT' },
      { name: 'label', type: 'TEXT' },
      { name: 'topic', type: 'INTEGER' },
    ]);
    expect((await room.rowsOf(second)).map(({ topic }) => topic)).toEqual([null, null, 3, null]);
  });

  test('come in splits of the latest version, or in new ones where that is allowed', async () => {
    const made = await dataset(`text,label\n${'a,x\nb,y\n'.repeat(20)}`);
    expect(made.splits.map(({ name }) => name)).toContain('test');
    const id = made.dataset.id;
    const [known, unknown] = ['test', 'tset'].map((split) => ({ values: { text: 'x' }, split }));
    expect((await append(id, [known!, unknown!])).problems).toMatchObject([
      {
        path: ['examples', '1', 'split'],
        code: 'UNKNOWN_SPLIT',
        hint: expect.stringContaining('There are: train, validation, test.'),
      },
    ]);
    expect(await waiting(id)).toEqual([]);
    expect(await append(id, [known!, unknown!], { allowNewSplits: true })).toMatchObject({ count: 2 });
    expect((await waiting(id)).map(({ split }) => split)).toEqual(['test', 'tset']);
  });

  test('make the same bytes of the same examples', async () => {
    const digests: string[] = [];
    for (const _ of [1, 2]) {
      const made = await dataset('text,label\nfirst,a\nsecond,b\nthird,a\n');
      await append(made.dataset.id, [{ values: { text: 'x' }, split: 'train' }, ...texts('y', 'z')]);
      digests.push((await room.prepare(next(made))).digest);
    }
    expect(digests[0]).toBe(digests[1]);
  });

  test('are shown by a preview, which takes none of them', async () => {
    const made = await dataset();
    await append(made.dataset.id, [{ values: { text: 'A' }, split: 'test' }, ...texts('B')]);
    const { sources } = next(made);
    const preview = await room.preview({ sources, recipe: [{ changeCase: { columns: ['text'], to: 'LOWER' } }] });
    expect(preview).toMatchObject({ rowCount: 4, sampledCount: 4, steps: [{ changed: 2 }] });
    expect(await waiting(made.dataset.id)).toHaveLength(2);
  });
});

describe('two at once', () => {
  test('writers lose nothing, and keep the order of each', async () => {
    const made = await dataset();
    const id = made.dataset.id;
    const writers = Array.from({ length: 8 }, (_, writer) =>
      texts(...Array.from({ length: 12 }, (_, i) => `${writer} ${i}`)),
    );
    const answers = await Promise.all(writers.map((examples) => append(id, examples)));
    const ranges = answers.map(({ firstNumber }) => firstNumber!).sort((a, b) => a - b);
    expect(ranges).toEqual(Array.from({ length: 8 }, (_, i) => 1 + 12 * i));
    const second = await room.prepare(next(made));
    const sent = (await room.rowsOf(second)).slice(2).map(({ text }) => String(text).split(' '));
    expect(sent).toHaveLength(96);
    for (let writer = 0; writer < 8; writer += 1) {
      const own = sent.filter(([by]) => by === String(writer)).map(([, i]) => Number(i));
      expect(own).toEqual(Array.from({ length: 12 }, (_, i) => i));
    }
  });

  test('preparations get no example both; one of them finds none', async () => {
    const made = await dataset();
    await append(made.dataset.id, texts('x', 'y'));
    const both = await Promise.all([1, 2].map(() => room.problemsOf(next(made))));
    expect(both.map((found) => found.map(({ path, code }) => `${path.join('.')} ${code}`)).sort()).toEqual([
      [],
      ['sources.1.appended.datasetId NO_EXAMPLES_WAITING'],
    ]);
    const { node } = await room.api.request<{ node: { versions: { nodes: { exampleCount: number }[] } } }>(
      'query ($id: ID!) { node(id: $id) { ... on Dataset { versions { nodes { exampleCount } } } } }',
      { id: made.dataset.id },
    );
    expect(node.versions.nodes.map(({ exampleCount }) => exampleCount)).toEqual([4, 2]);
  });

  test('and a repeated call appends once', async () => {
    const {
      dataset: { id },
    } = await dataset();
    const call = () => append(id, texts('once', 'or never'), { idempotencyKey: 'batch 7' });
    const answers = await Promise.all([call(), call(), call()]);
    expect(answers).toEqual([answers[0], answers[0], answers[0]]);
    await append(id, texts('between'));
    expect(await call()).toEqual(answers[0]);
    expect(await waiting(id)).toHaveLength(3);
    expect((await append(id, texts('another'), { idempotencyKey: 'batch 7' })).problems).toMatchObject([
      { path: ['idempotencyKey'], code: 'IDEMPOTENCY_KEY_REUSED' },
    ]);
    // Also after its examples are gone.
    expect(await discard({ datasetId: id })).toBe(3);
    expect(await call()).toEqual(answers[0]);
    expect(await waiting(id)).toEqual([]);
  });
});
