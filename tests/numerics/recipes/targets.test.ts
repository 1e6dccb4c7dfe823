import { afterAll, beforeAll, expect, it } from 'vitest';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import { targetColumnsOf } from '../../../src/protocol/heads.js';
import { JobResult } from '../../../src/protocol/job.js';
import { heads, jobOf, last, openHeadWorkshop, sentences } from './head-workshop.js';
import { recordingContext } from './recording-context.js';
import { writeTable } from './support.js';

let workshop: Awaited<ReturnType<typeof openHeadWorkshop>>;
beforeAll(async () => {
  workshop = await openHeadWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

it('an empty list is a target: a validation split without any label is scored, and thresholds stay at 0.5', async () => {
  const rows = sentences(40).map(({ split, words, labels }) => ({
    split,
    words,
    labels: split === 'validation' ? [] : labels,
  }));
  const columns = { words: 'VARCHAR[]', labels: 'VARCHAR[]' };
  const digest = await writeTable(workshop.store, workshop.folder, columns, rows);
  const spec = { ...(await workshop.specOf('bert', heads.multiLabel, { epochs: 1 })), datasetDigest: digest };
  const { model, series } = await workshop.finish(spec);
  expect(model.manifest.heads).toMatchObject([{ kind: 'multiLabel', thresholds: [0.5, 0.5, 0.5, 0.5] }]);
  expect(last(series('validation/f1'))).toBe(0);
  expect(last(series('validation/loss'))).toBeGreaterThan(0);
});

it('a column that is no list is refused where lists are needed', async () => {
  const spec = await workshop.specOf('bert', { ...heads.multiLabel, labelColumn: 'mood' });
  const outcome = await train(jobOf(spec), recordingContext().context, workshop.tools);
  expect(outcome).toMatchObject({
    kind: 'failed',
    problem: { code: 'WRONG_COLUMN_TYPE', path: ['head', 'labelColumn'] },
  });
});

it.each<['classification' | 'multiLabel' | 'tokenClassification', string]>([
  ['classification', '2 examples have labels that split train does not have'],
  ['multiLabel', '2 examples have labels that split train does not have'],
  ['tokenClassification', '2 words have labels that split train does not have'],
])('of %s, labels that training lacks are told, count as wrong, and are left out of the loss', async (kind, told) => {
  const columns = { words: 'VARCHAR[]', labels: 'VARCHAR[]', tags: 'VARCHAR[]', mood: 'VARCHAR' };
  const known = sentences(80);
  const strange = { split: 'validation', words: ['here'], labels: ['bird'], tags: ['B-bird'], mood: 'wild' };
  const finishOn = async (rows: readonly { readonly split: string }[]) => {
    const digest = await writeTable(workshop.store, workshop.folder, columns, rows);
    const spec = { ...(await workshop.specOf('bert', heads[kind], { epochs: 2 })), datasetDigest: digest };
    return { digest, ...(await workshop.finish(spec)) };
  };
  const without = await finishOn(known);
  const { digest, model, series, logged } = await finishOn([...known, strange, strange]);
  const log = logged().join('\n');
  expect(log).toContain(told);
  expect(log).toMatch(/“(wild|bird|B-bird)” \(2\)/);
  expect(last(series('validation/loss'))).toBeCloseTo(last(without.series('validation/loss'))!, 6);
  const whole = kind === 'multiLabel' ? 'validation/subsetAccuracy' : 'validation/accuracy';
  const [before, after] = [last(without.series(whole))!, last(series(whole))!];
  expect(after).toBeLessThan(before);

  const task = targetColumnsOf(heads[kind])[0]!;
  const tasks = await workshop.evaluate(model.digest, [{ task, targetColumns: [task] }], 'words', digest);
  const parsed = JobResult.parse({ kind: 'evaluate', tasks });
  if (parsed.kind !== 'evaluate') throw new Error(parsed.kind);
  const [scores] = parsed.tasks;
  expect(scores).toMatchObject({ unknown: { count: 2, labelCount: 1, labels: [{ count: 2 }] } });
  expect(scores!.loss).toBeCloseTo(last(series('validation/loss'))!, 5);
});

// Of inputs of graphs, and of what every object of JavaScript has.
it.each(['ids', 'mask', 'pooled', 'first', 'states', 'constructor', '__proto__'])(
  'a column may be called %s',
  async (name) => {
    const named = sentences(40).map(({ split, text, mood }) => ({
      split,
      ...Object.fromEntries([
        ['text', text],
        [name, mood],
      ]),
    }));
    const columns = Object.fromEntries([
      ['text', 'VARCHAR'],
      [name, 'VARCHAR'],
    ]);
    const digest = await writeTable(workshop.store, workshop.folder, columns, named);
    const head = { ...heads.classification, labelColumn: name };
    const more = { epochs: 1, freeze: { kind: 'encoder' }, pooling: 'firstToken' } as const;
    const { model } = await workshop.finish({
      ...(await workshop.specOf('bert', head, more, 'text')),
      datasetDigest: digest,
    });
    const [scores] = await workshop.evaluate(model.digest, [{ task: name, targetColumns: ['mood'] }], 'text');
    expect(scores).toMatchObject({ task: name, exampleCount: 100 });
    expect(await workshop.predict(model.digest, ['the red dog runs'])).toMatchObject([{ tasks: [{ task: name }] }]);
  },
);

it('texts that are cut off before their tagged words give nothing to learn or to score', async () => {
  const rows = ['train', 'validation'].map((split) => ({
    split,
    words: ['red', 'cat', '\u200b'],
    tags: ['O', 'O', 'B-being'],
  }));
  const atEnd = rows.map((row) => ({ ...row, tags: [null, null, 'O'] }));
  for (const [data, more] of [
    [rows, { maxLength: 2 }],
    [atEnd, { maxLength: 4 }],
  ] as const) {
    const columns = { words: 'VARCHAR[]', tags: 'VARCHAR[]' };
    const digest = await writeTable(workshop.store, workshop.folder, columns, data);
    const spec = { ...(await workshop.specOf('bert', heads.tokenClassification, more)), datasetDigest: digest };
    const outcome = await train(jobOf(spec), recordingContext().context, workshop.tools);
    expect(outcome).toMatchObject({ kind: 'failed', problem: { code: 'EMPTY_SPLIT', path: ['head', 'tagColumn'] } });
  }
});
