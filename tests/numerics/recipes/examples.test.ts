import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSplitRows } from '../../../gpu-worker/data/split-rows.js';
import { readExamples } from '../../../gpu-worker/forward/examples.js';
import { noTarget } from '../../../gpu-worker/losses/cross-entropy.js';
import { loadModel } from '../../../gpu-worker/models/load-model.js';
import type { Tokenizer } from '../../../src/tokenizer/index.js';
import { openWorkshop, type Row, writeDataset, writeTinyModel } from './support.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let tokenizer: Tokenizer;

beforeAll(async () => {
  workshop = await openWorkshop();
  const model = await loadModel(workshop.store, await writeTinyModel(workshop.store));
  tokenizer = model.tokenizer;
  await model.weights.close();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const row = (text: string | null, mood: string | null, topic: string | null, split = 'train'): Row => ({
  text,
  split,
  labels: { 'the "mood"': mood, topic },
});

async function pathOf(rows: readonly Row[]): Promise<string> {
  return workshop.store.localPath(await writeDataset(workshop.store, workshop.folder, rows));
}

const named = (name: string) => ({ name, path: [name] });
const source = (task: string, outputs: readonly string[], column: string, k: number) => ({
  head: { kind: 'classification' as const, task, outputs },
  columns: [{ name: column, path: ['tasks', String(k), 'head', 'labelColumn'] }],
});
const sources = [source('mood', ['bad', 'good'], 'the "mood"', 0), source('topic', ['cats', 'dogs'], 'topic', 1)];

const cut = { maxLength: 16, truncationSide: 'right' } as const;
const single = {
  split: named('train'),
  textColumn: 'text',
  pairColumn: null,
  sources,
  unknownLabels: 'refuse',
  readsTypes: false,
  ...cut,
} as const;

describe('readExamples', () => {
  it('keeps rows with a text and any label, in row order, and counts the others', async () => {
    const path = await pathOf([
      row('red cat', 'good', 'cats'),
      row(null, 'good', 'cats'),
      row('blue dog', null, 'dogs'),
      row('here now', null, null),
      row('a', 'bad', 'dogs', 'test'),
      row('', 'bad', null),
    ]);
    const query = { path, ...single };
    const examples = await readExamples(query, tokenizer, () => undefined);
    expect(examples).toMatchObject({ count: 3, rowsWithoutText: 1, rowsWithoutLabel: 1 });
    expect(examples.targets.map((targets) => targets.kind === 'classification' && [...targets.classes])).toEqual([
      [1, noTarget, 0],
      [0, 1, noTarget],
    ]);
    expect([...examples.texts.lengths]).toEqual([2, 2, 0]);
  });

  it('refuses a split without any label', async () => {
    const path = await pathOf([row('red', null, null), row('blue', null, null)]);
    const query = { path, ...single };
    await expect(readExamples(query, tokenizer, () => undefined)).rejects.toMatchObject({
      problem: { code: 'EMPTY_SPLIT', message: 'no row of split “train” has a label in “the "mood"” or “topic”' },
    });
  });

  it('refuses a split without any text', async () => {
    const path = await pathOf([row(null, 'good', 'cats')]);
    const query = { path, ...single };
    await expect(readExamples(query, tokenizer, () => undefined)).rejects.toMatchObject({
      problem: { code: 'EMPTY_SPLIT', path: ['train'], message: expect.stringContaining('none of the 1 rows') },
    });
  });
});

describe('labels that a head does not know', () => {
  const rows = [
    row('red cat', 'good', 'cats'),
    row('blue dog', 'fine', 'dogs'),
    row('here now', 'fine', null),
    row('a', 'poor', 'birds'),
    row('red', null, 'dogs'),
  ];

  it('are numbered after those that it knows, and counted', async () => {
    const query = { ...single, path: await pathOf(rows), unknownLabels: 'count' } as const;
    const { targets, unknown } = await readExamples(query, tokenizer, () => undefined);
    expect(targets).toMatchObject([
      { classes: Int32Array.of(1, 2, 2, 3, noTarget), unknown: ['fine', 'poor'] },
      { classes: Int32Array.of(0, 1, noTarget, 2, 1), unknown: ['birds'] },
    ]);
    expect(unknown).toEqual([
      {
        count: 3,
        labelCount: 2,
        labels: [
          { label: 'fine', count: 2 },
          { label: 'poor', count: 1 },
        ],
      },
      { count: 1, labelCount: 1, labels: [{ label: 'birds', count: 1 }] },
    ]);
  });

  it('are refused where they are to be learnt', async () => {
    const query = { ...single, path: await pathOf(rows) };
    await expect(readExamples(query, tokenizer, () => undefined)).rejects.toMatchObject({
      problem: { code: 'UNKNOWN_LABEL', path: ['tasks', '0', 'head', 'labelColumn'] },
    });
  });

  it('are refused where there are no others: nothing could be measured', async () => {
    const others = [source('mood', ['bad', 'best'], 'the "mood"', 0)];
    const query = { ...single, path: await pathOf(rows), sources: others, unknownLabels: 'count' } as const;
    await expect(readExamples(query, tokenizer, () => undefined)).rejects.toMatchObject({
      problem: {
        code: 'UNKNOWN_LABEL',
        message: 'column “the "mood"” holds 3 label(s) that the head does not know: “good” (1), “fine” (2), “poor” (1)',
      },
    });
  });
});

describe('readExamples of pairs', () => {
  it('leaves rows without a second text out, and counts them', async () => {
    const path = await pathOf([
      row('red', 'good', 'cat'),
      row('blue', 'good', null),
      row(null, 'bad', 'dog'),
      row('here', 'bad', ''),
      row('now', null, 'cat'),
    ]);
    const query = { path, ...single, pairColumn: 'topic', sources: sources.slice(0, 1), readsTypes: true };
    const examples = await readExamples(query, tokenizer, () => undefined);
    expect(examples).toMatchObject({ count: 2, rowsWithoutText: 2, rowsWithoutLabel: 1 });
    const of = (...texts: [string, string]) => [...tokenizer.encodeIds(...texts, cut).ids];
    expect([...examples.texts.ids]).toEqual([...of('red', 'cat'), ...of('here', '')]);
    expect(examples.texts.typeIds).toHaveLength(examples.texts.ids.length);
  });

  it('names the columns of which no row has both', async () => {
    const path = await pathOf([row('red', 'good', null)]);
    await expect(
      readExamples({ path, ...single, pairColumn: 'topic' }, tokenizer, () => undefined),
    ).rejects.toMatchObject({
      problem: { code: 'EMPTY_SPLIT', message: expect.stringContaining('in both columns, “text” and “topic”') },
    });
    await expect(
      readExamples({ path, ...single, pairColumn: 'second' }, tokenizer, () => undefined),
    ).rejects.toMatchObject({ problem: { code: 'UNKNOWN_COLUMN', path: ['pairColumn'] } });
  });
});

describe('readSplitRows', () => {
  it.each(['left', 'right'] as const)(
    'leaves in the file what is cut off a long text on the %s',
    async (truncationSide) => {
      const path = await pathOf([row(`a${'é'.repeat(1_000_000)}z`, 'good', null)]);
      const columns = { textColumn: named('text'), pairColumn: null, targetColumns: [], wantsWords: false };
      const { texts } = await readSplitRows({
        path,
        split: named('train'),
        ...columns,
        maxCharacters: 1000,
        truncationSide,
      });
      expect(texts).toEqual([truncationSide === 'right' ? `a${'é'.repeat(999)}` : `${'é'.repeat(999)}z`]);
    },
  );
});
