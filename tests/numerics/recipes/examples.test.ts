import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExamples } from '../../../gpu-worker/data/examples.js';
import { readSplitRows } from '../../../gpu-worker/data/split-rows.js';
import { createTokenizer, type Tokenizer } from '../../../gpu-worker/data/tokenize.js';
import { noTarget } from '../../../gpu-worker/losses/cross-entropy.js';
import { loadModel } from '../../../gpu-worker/models/load-model.js';
import { openWorkshop, type Row, writeDataset, writeTinyModel } from './support.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let tokenizer: Tokenizer;

beforeAll(async () => {
  workshop = await openWorkshop();
  tokenizer = createTokenizer((await loadModel(workshop.store, await writeTinyModel(workshop.store))).tokenizerJson);
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
const tasks = [
  { task: 'mood', labels: ['bad', 'good'], labelColumn: 'the "mood"', path: ['tasks', '0', 'labelColumn'] },
  { task: 'topic', labels: ['cats', 'dogs'], labelColumn: 'topic', path: ['tasks', '1', 'labelColumn'] },
];

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
    const query = { path, split: named('train'), textColumn: 'text', tasks, maxLength: 16 };
    const examples = await readExamples(query, tokenizer, () => undefined);
    expect(examples).toMatchObject({ count: 3, rowsWithoutText: 1, rowsWithoutLabel: 1 });
    expect(examples.targets.map((targets) => [...targets])).toEqual([
      [1, noTarget, 0],
      [0, 1, noTarget],
    ]);
    expect([...examples.texts.lengths]).toEqual([2, 2, 0]);
  });

  it('refuses a split without any label', async () => {
    const path = await pathOf([row('red', null, null), row('blue', null, null)]);
    const query = { path, split: named('train'), textColumn: 'text', tasks, maxLength: 16 };
    await expect(readExamples(query, tokenizer, () => undefined)).rejects.toMatchObject({
      problem: { code: 'EMPTY_SPLIT', message: 'no row of split “train” has a label in “the "mood"” or “topic”' },
    });
  });

  it('refuses a split without any text', async () => {
    const path = await pathOf([row(null, 'good', 'cats')]);
    const query = { path, split: named('train'), textColumn: 'text', tasks, maxLength: 16 };
    await expect(readExamples(query, tokenizer, () => undefined)).rejects.toMatchObject({
      problem: { code: 'EMPTY_SPLIT', path: ['train'], message: expect.stringContaining('none of the 1 rows') },
    });
  });
});

describe('readSplitRows', () => {
  it('leaves the end of a long text in the file', async () => {
    const path = await pathOf([row('é'.repeat(1_000_000), 'good', null)]);
    const query = { path, split: named('train'), textColumn: named('text'), labelColumns: [], maxCharacters: 1000 };
    const { texts } = await readSplitRows(query);
    expect(texts.map(({ length }) => length)).toEqual([1000]);
  });
});
