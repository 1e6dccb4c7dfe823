import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSplitRows } from '../../../gpu-worker/data/split-rows.js';
import { readTargetFacts } from '../../../src/datasets/targets.js';
import { drawHeldOut, validationSplitOf } from '../../../src/experiments/held-out.js';
import type { TargetKind } from '../../../src/protocol/heads.js';
import { type HeldOut, heldOutExamples, heldOutPartOf } from '../../../src/protocol/held-out.js';
import { type FileWorkshop, type IngestedFile, openFileWorkshop } from '../../support/ingested-file.js';

let workshop: FileWorkshop;
beforeAll(async () => {
  workshop = await openFileWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

type Head = { readonly kind: TargetKind; readonly columns: readonly string[] };

const topic: Head = { kind: 'classification', columns: ['topic'] };

async function fileOf(rows: readonly object[]): Promise<IngestedFile> {
  return workshop.read(rows.map((row) => JSON.stringify(row)).join('\n'), 'JSONL', {
    split: { kind: 'column', column: 'part' },
  });
}

/** Texts of both parts, as the worker reads them, and the draw. */
async function divide(file: IngestedFile, heads: readonly Head[], change: Partial<HeldOut> = {}) {
  const targets = { digest: file.digest, textColumns: ['text'], heads };
  const drawn = await drawHeldOut(workshop.reader, targets, 'train', file);
  const heldOut = { ...drawn!, ...change };
  const division = { split: 'train', heldOut, textColumns: ['text'], heads };
  const read = async (isHeldOut: boolean) => {
    const { texts } = await readSplitRows({
      path: file.storedPath,
      split: { name: 'train', path: [] },
      part: { division, isHeldOut },
      textColumn: { name: 'text', path: [] },
      pairColumn: null,
      targetColumns: [],
      wantsWords: false,
      maxCharacters: 1000,
      truncationSide: 'right',
    });
    return texts;
  };
  const facts = await readTargetFacts(workshop.reader, { ...targets, division });
  return { heldOut, kept: await read(false), held: await read(true), facts };
}

/** `count` rows of each label, with different texts. */
function rowsOf(counts: Readonly<Record<string, number>>): { part: string; text: string; topic: string }[] {
  return Object.entries(counts).flatMap(([label, count]) =>
    Array.from({ length: count }, (_, i) => ({ part: 'train', text: `${label} ${i}`, topic: label })),
  );
}

const labelsIn = (texts: readonly string[]) => {
  const counts: Record<string, number> = {};
  for (const text of texts) {
    const label = text.split(' ')[0]!;
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
};

test('a tenth is held out, at least 20 examples, and no more than a quarter', () => {
  expect([1, 4, 8, 40, 79, 80, 100, 200, 201, 1000, 43_000].map(heldOutExamples)).toEqual([
    1, 1, 2, 10, 19, 20, 20, 20, 20, 100, 4300,
  ]);
});

describe('a column of labels', () => {
  test('has the same shares in both parts, and API and worker find the same parts', async () => {
    const file = await fileOf(rowsOf({ a: 600, b: 300, c: 100 }));
    const { heldOut, kept, held, facts } = await divide(file, [topic]);
    expect(heldOut).toEqual({ examples: 100, seed: 0, stratifyBy: ['topic'], keepTogether: ['text'] });
    expect(labelsIn(held)).toEqual({ a: 60, b: 30, c: 10 });
    expect([...kept, ...held].sort()).toEqual(
      rowsOf({ a: 600, b: 300, c: 100 })
        .map(({ text }) => text)
        .sort(),
    );
    const part = heldOutPartOf('train');
    expect(facts.counts.labelled).toEqual({ train: 900, [part]: 100 });
    expect(facts.counts.labels.topic!.filter(({ split }) => split === part)).toEqual([
      { split: part, label: 'a', count: 60 },
      { split: part, label: 'b', count: 30 },
      { split: part, label: 'c', count: 10 },
    ]);
  });

  test('keeps every label among what is learnt, and small labels get their share together', async () => {
    const rare = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`r${i}`, 2]));
    const { held, kept } = await divide(await fileOf(rowsOf({ ...rare, once: 1 })), [topic]);
    expect(held).toHaveLength(20);
    expect(Object.keys(labelsIn(kept))).toHaveLength(101);
    expect(labelsIn(held).once).toBeUndefined();
  });

  test('of one example each can not be divided', async () => {
    const singles = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`s${i}`, 1]));
    const file = await fileOf(rowsOf(singles));
    const targets = { digest: file.digest, textColumns: ['text'], heads: [topic] };
    const heldOut = await drawHeldOut(workshop.reader, targets, 'train', file);
    const division = { split: 'train', heldOut: heldOut! };
    const { counts } = await readTargetFacts(workshop.reader, { ...targets, division });
    expect([heldOut!.examples, counts.labelled]).toEqual([7, { train: 30 }]);
  });
});

test('another seed holds out other examples, the same seed the same', async () => {
  const file = await fileOf(rowsOf({ a: 200, b: 200 }));
  const [first, again, other] = await Promise.all([
    divide(file, [topic]),
    divide(file, [topic]),
    divide(file, [topic], { seed: 1 }),
  ]);
  expect(first.held).toEqual(again.held);
  expect(other.held).not.toEqual(first.held);
  expect(other.held).toHaveLength(first.held.length);
});

test('equal texts, and what the version keeps together, are in one part', async () => {
  const rows = Array.from({ length: 400 }, (_, i) => ({
    part: 'train',
    author: `author ${i % 80}`,
    text: `text ${i % 100}`,
    topic: i % 2 === 0 ? 'a' : 'b',
  }));
  const file = await fileOf(rows);
  const { held, kept } = await divide(file, [topic]);
  expect(held.filter((text) => kept.includes(text))).toEqual([]);
  expect(held).toHaveLength(40);
  const splitPlan = { ...file.splitPlan, keepTogether: ['author'] };
  const byAuthor = await divide({ ...file, splitPlan }, [topic]);
  expect(byAuthor.heldOut.keepTogether).toEqual(['author']);
  const implied = await divide({ ...file, splitPlan: { ...splitPlan, keepTogether: ['text', 'author'] } }, [topic]);
  expect(implied.heldOut.keepTogether).toEqual(['text']);
});

test('only rows with a text and a target of a head are divided', async () => {
  const labelled = rowsOf({ a: 50, b: 50 });
  const bare = Array.from({ length: 300 }, (_, i) => ({ part: 'train', text: `bare ${i}`, topic: null }));
  const { held, heldOut } = await divide(await fileOf([...labelled, ...bare]), [topic]);
  expect(heldOut.examples).toBe(20);
  expect(labelsIn(held)).toEqual({ a: 10, b: 10 });
});

describe('other heads', () => {
  const rows = Array.from({ length: 300 }, (_, i) => ({
    part: 'train',
    text: `${['red', 'green', 'blue'][i % 3]} ${i}`,
    topics: [...(i % 2 === 0 ? ['even'] : []), ...(i % 30 === 0 ? ['rare'] : [])],
    tags: i % 50 === 0 ? ['B-x', 'O'] : ['O', 'O'],
    amount: i / 7,
    topic: i % 4 === 0 ? null : i % 3 === 0 ? 'third' : 'other',
  }));
  let file: IngestedFile;
  beforeAll(async () => {
    file = await fileOf(rows);
  });
  const texts = (which: (row: (typeof rows)[number]) => boolean) => new Set(rows.filter(which).map(({ text }) => text));

  test('lists of labels: by the rarest label of each', async () => {
    const { held, facts } = await divide(file, [{ kind: 'multiLabel', columns: ['topics'] }]);
    expect(held).toHaveLength(30);
    const rare = texts(({ topics }) => topics.includes('rare'));
    expect(held.filter((text) => rare.has(text))).toHaveLength(1);
    expect(facts.counts.labels.topics!.filter(({ split }) => split === 'train').map(({ label }) => label)).toEqual([
      'even',
      'rare',
    ]);
  });

  test('numbers: without strata', async () => {
    const { held, heldOut, facts } = await divide(file, [{ kind: 'regression', columns: ['amount'] }]);
    expect(heldOut.stratifyBy).toEqual([]);
    expect(held).toHaveLength(30);
    expect(facts.numbers.amount!.map(({ split, count }) => [split, count])).toEqual([
      ['train', 270],
      [heldOutPartOf('train'), 30],
    ]);
  });

  test('tags of words', async () => {
    const { held, facts } = await divide(file, [{ kind: 'tokenClassification', columns: ['tags'] }]);
    expect(held).toHaveLength(30);
    const labels = facts.counts.labels.tags!.filter(({ split }) => split === 'train').map(({ label }) => label);
    expect(labels).toEqual(['B-x', 'O']);
  });

  test('several tasks: by the rarest label of all', async () => {
    const heads: Head[] = [
      topic,
      { kind: 'multiLabel', columns: ['topics'] },
      { kind: 'regression', columns: ['amount'] },
    ];
    const { held, heldOut, facts } = await divide(file, heads);
    expect(heldOut.stratifyBy).toEqual(['topic', 'topics']);
    expect(held).toHaveLength(30);
    const learnt = (column: string) =>
      facts.counts.labels[column]!.filter(({ split }) => split === 'train').map(({ label }) => label);
    expect([learnt('topic'), learnt('topics')]).toEqual([
      ['other', 'third'],
      ['even', 'rare'],
    ]);
  });
});

test('the split to measure: the given one, else `validation` with examples, else none', () => {
  const splits = [
    { name: 'train', exampleCount: 8 },
    { name: 'test', exampleCount: 2 },
  ];
  const withValidation = [...splits, { name: 'validation', exampleCount: 2 }];
  const withEmpty = [...splits, { name: 'validation', exampleCount: 0 }];
  expect(validationSplitOf({ validationSplit: 'test' }, { splits })).toBe('test');
  expect(validationSplitOf({}, { splits: withValidation })).toBe('validation');
  expect(validationSplitOf({ validationSplit: null }, { splits: withValidation })).toBe('validation');
  expect(validationSplitOf({}, { splits })).toBeNull();
  expect(validationSplitOf({ validationSplit: null }, { splits: withEmpty })).toBeNull();
});

test('of a fold, the rows with its number are held out, and those without a number are learnt', async () => {
  const rows = rowsOf({ billing: 6, support: 6 }).map((row, i) => ({ ...row, fold: i % 4 === 3 ? null : i % 4 }));
  const elsewhere = { part: 'test', text: 'billing elsewhere', topic: 'billing', fold: 1 };
  const file = await fileOf([...rows, elsewhere]);
  const { kept, held, facts } = await divide(file, [topic], { fold: { column: 'fold', number: 1 } });
  expect(held).toEqual(rows.filter(({ fold }) => fold === 1).map(({ text }) => text));
  expect(kept).toEqual(rows.filter(({ fold }) => fold !== 1).map(({ text }) => text));
  expect(facts.counts.labelled).toEqual({ train: 9, [heldOutPartOf('train')]: 3, test: 1 });
});
