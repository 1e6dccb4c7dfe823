import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, uniform } from '../../../gpu-worker/data/random.js';
import { createShortJobs, type ShortJobs } from '../../../gpu-worker/short-jobs/short-jobs.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import { type HeadSpec, targetColumnsOf } from '../../../src/protocol/heads.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import { JobResult, type TrainJob } from '../../../src/protocol/job.js';
import type { RunSpec } from '../../../src/protocol/methods/index.js';
import { multiTaskSpec, supervisedSpec } from '../../support/specs.js';
import { Killed, recordingContext } from './recording-context.js';
import { defaults, openWorkshop, writeTable, writeTinyModel } from './support.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let jobs: ShortJobs;
let datasetDigest: string;

const colours = ['red', 'blue'];
const animals = ['cat', 'dog'];

/** Sentences whose words tell all: which words are in it, how many animals there are, and a tag for each word. */
function sentences(count: number) {
  const random = createRandom(5);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(uniform(random) * choices.length)] as T;
  return Array.from({ length: count }, (_, index) => {
    const words = Array.from({ length: 3 + Math.floor(uniform(random) * 6) }, () =>
      pick([...colours, ...animals, 'the', 'a', 'here', 'now', 'runs', 'sleeps']),
    );
    const labels = [...new Set(words.filter((word) => colours.includes(word) || animals.includes(word)))];
    return {
      split: index % 4 === 3 ? 'validation' : 'train',
      words,
      text: words.join(' '),
      labels: index % 11 === 10 ? null : labels,
      share: 100 + (50 * words.filter((word) => animals.includes(word)).length) / words.length,
      reds: index % 5 === 4 ? null : words.filter((word) => word === 'red').length,
      // A colour, and an animal right after it, are one entity.
      tags: words.map((word, i) => {
        if (colours.includes(word)) return 'B-being';
        if (animals.includes(word)) return colours.includes(words[i - 1] ?? '') ? 'I-being' : 'B-being';
        return 'O';
      }),
      mood: words.includes('runs') ? 'active' : 'calm',
    };
  });
}

beforeAll(async () => {
  workshop = await openWorkshop();
  jobs = createShortJobs(workshop.tools.engine, workshop.store, 2 ** 28);
  datasetDigest = await writeTable(
    workshop.store,
    workshop.folder,
    {
      words: 'VARCHAR[]',
      text: 'VARCHAR',
      labels: 'VARCHAR[]',
      share: 'DOUBLE',
      reds: 'INTEGER',
      tags: 'VARCHAR[]',
      mood: 'VARCHAR',
    },
    sentences(400),
  );
});
afterAll(async () => {
  await jobs.release();
  await workshop[Symbol.asyncDispose]();
});

const none = { kind: 'none' } as const;
const heads = {
  classification: { kind: 'classification', labelColumn: 'mood', labels: ['active', 'calm'], classWeights: none },
  multiLabel: {
    kind: 'multiLabel',
    labelColumn: 'labels',
    labels: ['blue', 'cat', 'dog', 'red'],
    classWeights: none,
    thresholds: { kind: 'chosen' },
  },
  regression: { kind: 'regression', targetColumns: ['share', 'reds'] },
  tokenClassification: {
    kind: 'tokenClassification',
    tagColumn: 'tags',
    labels: ['B-being', 'I-being', 'O'],
    scheme: 'iob2',
    classWeights: none,
  },
} as const satisfies Record<string, HeadSpec>;

const h: Partial<Hyperparameters> = { ...defaults, epochs: 24, dropout: 0, learningRate: 0.01, maxLength: 24 };
const jobOf = (spec: RunSpec): TrainJob => ({ kind: 'train', runId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c11', spec });

async function finish(spec: RunSpec, context = recordingContext()) {
  const outcome = await train(jobOf(spec), context.context, workshop.tools);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  return { ...context, model: outcome.model };
}

async function evaluate(modelDigest: string, tasks: { task: string; targetColumns: string[] }[], textColumn: string) {
  const job = { evaluationId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c12', modelDigest, datasetDigest, tasks };
  const outcome = await jobs.run(
    { kind: 'evaluate', ...job, split: 'validation', textColumn, pairColumn: null },
    recordingContext().context,
  );
  if (outcome.kind !== 'finished' || outcome.result.kind !== 'evaluate') throw new Error(JSON.stringify(outcome));
  return outcome.result.tasks;
}

async function predict(modelDigest: string, texts: string[]) {
  const outcome = await jobs.run({ kind: 'predict', modelDigest, texts, pairs: null }, recordingContext().context);
  if (outcome.kind !== 'finished' || outcome.result.kind !== 'predict') throw new Error(JSON.stringify(outcome));
  return outcome.result.predictions;
}

const last = (series: ReadonlyMap<number, number | null>) => [...series.values()].at(-1);

type Base = 'use-lite' | 'bert';
const baseOf = (base: Base) =>
  base === 'use-lite' ? writeTinyModel(workshop.store, 1, 4) : writeTinyEncoder(workshop.store, base);

async function specOf(base: Base, head: HeadSpec, more: Partial<Hyperparameters> = {}, textColumn = 'words') {
  const pooling = base === 'use-lite' ? null : 'mean';
  const hyperparameters = { ...h, pooling, ...more } as const;
  return supervisedSpec({ baseModelDigest: await baseOf(base), datasetDigest, textColumn, head, hyperparameters });
}

describe.each<Base>(['use-lite', 'bert'])('on %s', (base) => {
  it('learns several labels a text, with thresholds chosen on the validation split', async () => {
    const { model, series } = await finish(await specOf(base, heads.multiLabel));
    const [head] = model.manifest.heads;
    if (head?.kind !== 'multiLabel') throw new Error(JSON.stringify(head));
    expect(head.labels).toEqual(heads.multiLabel.labels);
    expect(head.thresholds.every((threshold) => threshold > 0 && threshold < 1)).toBe(true);
    // Four labels at random: the first loss is near ln 2.
    expect(series('train/loss').get(1)).toBeCloseTo(Math.LN2, 0);
    expect(last(series('validation/f1'))).toBeGreaterThan(0.85);

    const [scores] = await evaluate(model.digest, [{ task: 'labels', targetColumns: ['labels'] }], 'words');
    expect(scores).toMatchObject({ kind: 'multiLabel', exampleCount: 91 });
    expect(scores?.loss).toBeCloseTo(last(series('validation/loss')) ?? 0, 5);
    if (scores?.kind !== 'multiLabel') throw new Error('scores of another kind');
    expect(scores.macro.f1).toBeCloseTo(last(series('validation/f1')) ?? 0, 6);

    const [both, neither] = await predict(model.digest, ['the red dog runs', 'now here now']);
    const predicted = (prediction: typeof both) =>
      prediction?.tasks[0]?.kind === 'multiLabel' &&
      prediction.tasks[0].labels.filter(({ isPredicted }) => isPredicted).map(({ label }) => label);
    expect(new Set(predicted(both) || [])).toEqual(new Set(['red', 'dog']));
    expect(predicted(neither)).toEqual([]);
  });

  it('learns numbers in their own unit, of which some are missing', async () => {
    const { model, series } = await finish(await specOf(base, heads.regression, { epochs: 20 }));
    const [head] = model.manifest.heads;
    if (head?.kind !== 'regression') throw new Error(JSON.stringify(head));
    expect(head.outputs).toEqual(['share', 'reds']);
    expect(head.means[0]).toBeGreaterThan(105);
    expect(last(series('validation/r2'))).toBeGreaterThan(0.7);

    const tasks = [{ task: 'share', targetColumns: ['share', 'reds'] }];
    const [scores] = await evaluate(model.digest, tasks, 'text');
    expect(scores?.loss).toBeCloseTo(last(series('validation/loss')) ?? 0, 5);
    if (scores?.kind !== 'regression') throw new Error('scores of another kind');
    expect(scores.perOutput.map(({ name, exampleCount }) => [name, exampleCount])).toEqual([
      ['share', 100],
      ['reds', 80],
    ]);

    const [many, no] = await predict(model.digest, ['cat dog cat dog', 'the the here now']);
    const shareOf = (prediction: typeof many) =>
      prediction?.tasks[0]?.kind === 'regression' ? prediction.tasks[0].values[0]?.value : undefined;
    expect(shareOf(many)).toBeGreaterThan(125);
    expect(shareOf(no)).toBeLessThan(115);
  });

  it('learns a tag for each word, and finds entities by their characters', async () => {
    const { model, series } = await finish(await specOf(base, heads.tokenClassification));
    expect(model.manifest.heads).toEqual([
      { kind: 'tokenClassification', task: 'tags', labels: ['B-being', 'I-being', 'O'], scheme: 'iob2' },
    ]);
    expect(last(series('validation/f1'))).toBeGreaterThan(0.85);
    // Plain texts are the same words.
    const [scores] = await evaluate(model.digest, [{ task: 'tags', targetColumns: ['tags'] }], 'text');
    expect(scores?.loss).toBeCloseTo(last(series('validation/loss')) ?? 0, 5);
    if (scores?.kind !== 'tokenClassification') throw new Error('scores of another kind');
    expect(scores.entities?.micro.f1).toBeCloseTo(last(series('validation/f1')) ?? 0, 6);

    const text = '  the red dog  runs, cat';
    const [prediction] = await predict(model.digest, [text]);
    const [tagged] = prediction?.tasks ?? [];
    if (tagged?.kind !== 'tokenClassification') throw new Error('a prediction of another kind');
    expect(tagged.words.map(({ start, end }) => text.slice(start, end))).toEqual([
      'the',
      'red',
      'dog',
      'runs',
      ',',
      'cat',
    ]);
    expect(tagged.spans.map(({ start, end, label }) => [text.slice(start, end), label])).toContainEqual([
      'cat',
      'being',
    ]);
  });

  it('trains heads of all kinds together on one encoder', async () => {
    const tasks = (Object.entries(heads) as [string, HeadSpec][]).map(([name, head]) => ({ name, weight: 1, head }));
    const pooling = base === 'use-lite' ? null : 'firstToken';
    const lossWeighting = base === 'use-lite' ? 'fixed' : 'uncertainty';
    const { model, series } = await finish(
      multiTaskSpec({
        baseModelDigest: await baseOf(base),
        datasetDigest,
        textColumn: 'words',
        tasks,
        lossWeighting,
        hyperparameters: { ...h, pooling, gradientAccumulationSteps: 2, batchSize: 4 },
      }),
    );
    expect(model.manifest.heads.map(({ kind }) => kind)).toEqual(Object.keys(heads));
    expect(last(series('validation/classification/f1'))).toBeGreaterThan(0.75);
    expect(last(series('validation/multiLabel/f1'))).toBeGreaterThan(0.75);
    expect(last(series('validation/regression/r2'))).toBeGreaterThan(0.5);
    expect(last(series('validation/tokenClassification/f1'))).toBeGreaterThan(0.8);
    expect(await predict(model.digest, ['the red dog runs'])).toHaveLength(1);
  });
});

describe('heads of tokens', () => {
  it.each<[string, Partial<Hyperparameters>]>([
    ['under an adapter', { adapter: lora, learningRate: 0.02 }],
    ['above a frozen prefix, its states kept', { freeze: { kind: 'prefix', layers: 1 } }],
    ['on a frozen encoder, its states kept', { freeze: { kind: 'encoder' }, learningRate: 0.05 }],
  ])('are trained %s', async (_, more) => {
    const { model, series } = await finish(await specOf('bert', heads.tokenClassification, more));
    expect(last(series('validation/loss'))!).toBeLessThan([...series('validation/loss').values()][0]! * 0.8);
    const [scores] = await evaluate(model.digest, [{ task: 'tags', targetColumns: ['tags'] }], 'words');
    expect(scores?.loss).toBeCloseTo(last(series('validation/loss')) ?? 0, 5);
  });

  it('accumulate to the loss of the whole batch, whatever words its parts have', async () => {
    const firstLoss = async (more: Partial<Hyperparameters>) => {
      const { series } = await finish(await specOf('bert', heads.tokenClassification, { epochs: 1, ...more }));
      return series('train/loss').get(1) ?? Number.NaN;
    };
    const whole = await firstLoss({ batchSize: 300 });
    expect(await firstLoss({ batchSize: 50, gradientAccumulationSteps: 6 })).toBeCloseTo(whole, 5);
  });

  it('refuse tags that are not as many as the words, and say where', async () => {
    const uneven = await writeTable(workshop.store, workshop.folder, { text: 'VARCHAR', tags: 'VARCHAR[]' }, [
      { split: 'train', text: 'red cat', tags: ['O', 'O'] },
      { split: 'train', text: 'red  cat here', tags: ['O', 'O'] },
    ]);
    const spec = { ...(await specOf('bert', heads.tokenClassification, {}, 'text')), datasetDigest: uneven };
    const outcome = await train(jobOf(spec), recordingContext().context, workshop.tools);
    expect(outcome).toMatchObject({
      kind: 'failed',
      problem: {
        code: 'UNEQUAL_LENGTHS',
        path: ['head', 'tagColumn'],
        message: 'a text of 3 words has 2 tags in column “tags”',
      },
    });
  });
});

it.each<keyof typeof heads>(['multiLabel', 'regression', 'tokenClassification'])(
  'a %s training that is killed and resumed ends with the same bytes',
  async (kind) => {
    const spec = await specOf('bert', heads[kind], { epochs: 2, dropout: 0.1 });
    const whole = await finish(spec);
    const killed = recordingContext({ killAtStep: 47 });
    await expect(train(jobOf(spec), killed.context, workshop.tools)).rejects.toThrow(Killed);
    const resumed = await finish(spec, recordingContext({ resume: killed.lastCheckpoint() }));
    expect(resumed.model.digest).toBe(whole.model.digest);
  },
);

it('early stopping on a label measure keeps the thresholds of the best evaluation', async () => {
  const more = { epochs: 10, learningRate: 0.05, earlyStopping: { metric: 'validation/f1', patience: 2, minDelta: 0 } };
  const { model, series } = await finish(await specOf('bert', heads.multiLabel, more));
  const [scores] = await evaluate(model.digest, [{ task: 'labels', targetColumns: ['labels'] }], 'words');
  if (scores?.kind !== 'multiLabel') throw new Error('scores of another kind');
  const best = Math.max(...[...series('validation/f1').values()].map((value) => value ?? 0));
  expect(scores.macro.f1).toBeCloseTo(best, 6);
});

it('an empty list is a target: a validation split without any label is scored, and thresholds stay at 0.5', async () => {
  const rows = sentences(40).map(({ split, words, labels }) => ({
    split,
    words,
    labels: split === 'validation' ? [] : labels,
  }));
  const columns = { words: 'VARCHAR[]', labels: 'VARCHAR[]' };
  const digest = await writeTable(workshop.store, workshop.folder, columns, rows);
  const spec = { ...(await specOf('bert', heads.multiLabel, { epochs: 1 })), datasetDigest: digest };
  const { model, series } = await finish(spec);
  expect(model.manifest.heads).toMatchObject([{ kind: 'multiLabel', thresholds: [0.5, 0.5, 0.5, 0.5] }]);
  expect(last(series('validation/f1'))).toBe(0);
  expect(last(series('validation/loss'))).toBeGreaterThan(0);
});

it('a column that is no list is refused where lists are needed', async () => {
  const spec = await specOf('bert', { ...heads.multiLabel, labelColumn: 'mood' });
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
    const spec = { ...(await specOf('bert', heads[kind], { epochs: 2 })), datasetDigest: digest };
    return { digest, ...(await finish(spec)) };
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
  const job = {
    evaluationId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c12',
    modelDigest: model.digest,
    datasetDigest: digest,
  };
  const outcome = await jobs.run(
    {
      kind: 'evaluate',
      ...job,
      tasks: [{ task, targetColumns: [task] }],
      split: 'validation',
      textColumn: 'words',
      pairColumn: null,
    },
    recordingContext().context,
  );
  if (outcome.kind !== 'finished' || outcome.result.kind !== 'evaluate') throw new Error(JSON.stringify(outcome));
  const parsed = JobResult.parse(outcome.result);
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
    const { model } = await finish({ ...(await specOf('bert', head, more, 'text')), datasetDigest: digest });
    const [scores] = await evaluate(model.digest, [{ task: name, targetColumns: ['mood'] }], 'text');
    expect(scores).toMatchObject({ task: name, exampleCount: 100 });
    expect(await predict(model.digest, ['the red dog runs'])).toMatchObject([{ tasks: [{ task: name }] }]);
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
    const spec = { ...(await specOf('bert', heads.tokenClassification, more)), datasetDigest: digest };
    const outcome = await train(jobOf(spec), recordingContext().context, workshop.tools);
    expect(outcome).toMatchObject({ kind: 'failed', problem: { code: 'EMPTY_SPLIT', path: ['head', 'tagColumn'] } });
  }
});
