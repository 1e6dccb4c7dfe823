import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { TargetHeadSpec } from '../../../src/protocol/heads.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import { multiTaskSpec } from '../../support/specs.js';
import { type Base, h, heads, jobOf, last, openHeadWorkshop } from './head-workshop.js';
import { Killed, recordingContext } from './recording-context.js';
import { writeTable } from './support.js';
import { lora } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openHeadWorkshop>>;
beforeAll(async () => {
  workshop = await openHeadWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

describe.each<Base>(['use-lite', 'bert'])('on %s', (base) => {
  it('learns several labels a text, with thresholds chosen on the validation split', async () => {
    const { model, series } = await workshop.finish(await workshop.specOf(base, heads.multiLabel, { epochs: 12 }));
    const [head] = model.manifest.heads;
    if (head?.kind !== 'multiLabel') throw new Error(JSON.stringify(head));
    expect(head.labels).toEqual(heads.multiLabel.labels);
    expect(head.thresholds.every((threshold) => threshold > 0 && threshold < 1)).toBe(true);
    // Four labels at random: the first loss is near ln 2.
    expect(series('train/loss').get(1)).toBeCloseTo(Math.LN2, 0);
    expect(last(series('validation/f1'))).toBeGreaterThan(0.85);

    const [scores] = await workshop.evaluate(model.digest, [{ task: 'labels', targetColumns: ['labels'] }], 'words');
    expect(scores).toMatchObject({ kind: 'multiLabel', exampleCount: 91 });
    expect(scores?.loss).toBeCloseTo(last(series('validation/loss')) ?? 0, 5);
    if (scores?.kind !== 'multiLabel') throw new Error('scores of another kind');
    expect(scores.macro.f1).toBeCloseTo(last(series('validation/f1')) ?? 0, 6);

    const [both, neither] = await workshop.predict(model.digest, ['the red dog runs', 'now here now']);
    const predicted = (prediction: typeof both) =>
      prediction?.tasks[0]?.kind === 'multiLabel' &&
      prediction.tasks[0].labels.filter(({ isPredicted }) => isPredicted).map(({ label }) => label);
    expect(new Set(predicted(both) || [])).toEqual(new Set(['red', 'dog']));
    expect(predicted(neither)).toEqual([]);
  });

  it('learns numbers in their own unit, of which some are missing', async () => {
    const { model, series } = await workshop.finish(await workshop.specOf(base, heads.regression, { epochs: 10 }));
    const [head] = model.manifest.heads;
    if (head?.kind !== 'regression') throw new Error(JSON.stringify(head));
    expect(head.outputs).toEqual(['share', 'reds']);
    expect(head.means[0]).toBeGreaterThan(105);
    expect(last(series('validation/r2'))).toBeGreaterThan(0.7);

    const tasks = [{ task: 'share', targetColumns: ['share', 'reds'] }];
    const [scores] = await workshop.evaluate(model.digest, tasks, 'text');
    expect(scores?.loss).toBeCloseTo(last(series('validation/loss')) ?? 0, 5);
    if (scores?.kind !== 'regression') throw new Error('scores of another kind');
    expect(scores.perOutput.map(({ name, exampleCount }) => [name, exampleCount])).toEqual([
      ['share', 100],
      ['reds', 80],
    ]);

    const [many, no] = await workshop.predict(model.digest, ['cat dog cat dog', 'the the here now']);
    const shareOf = (prediction: typeof many) =>
      prediction?.tasks[0]?.kind === 'regression' ? prediction.tasks[0].values[0]?.value : undefined;
    expect(shareOf(many)).toBeGreaterThan(125);
    expect(shareOf(no)).toBeLessThan(115);
  });

  it('learns a tag for each word, and finds entities by their characters', async () => {
    const { model, series } = await workshop.finish(await workshop.specOf(base, heads.tokenClassification));
    expect(model.manifest.heads).toEqual([
      { kind: 'tokenClassification', task: 'tags', labels: ['B-being', 'I-being', 'O'], scheme: 'iob2' },
    ]);
    expect(last(series('validation/f1'))).toBeGreaterThan(0.85);
    // Plain texts are the same words.
    const [scores] = await workshop.evaluate(model.digest, [{ task: 'tags', targetColumns: ['tags'] }], 'text');
    expect(scores?.loss).toBeCloseTo(last(series('validation/loss')) ?? 0, 5);
    if (scores?.kind !== 'tokenClassification') throw new Error('scores of another kind');
    expect(scores.entities?.micro.f1).toBeCloseTo(last(series('validation/f1')) ?? 0, 6);

    const text = '  the red dog  runs, cat';
    const [prediction] = await workshop.predict(model.digest, [text]);
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
    const tasks = (Object.entries(heads) as [string, TargetHeadSpec][]).map(([name, head]) => ({
      name,
      weight: 1,
      head,
    }));
    const pooling = base === 'use-lite' ? null : 'firstToken';
    const lossWeighting = base === 'use-lite' ? 'fixed' : 'uncertainty';
    const { model, series } = await workshop.finish(
      multiTaskSpec({
        baseModelDigest: await workshop.baseOf(base),
        datasetDigest: workshop.datasetDigest,
        textColumn: 'words',
        tasks,
        lossWeighting,
        hyperparameters: { ...h, pooling, epochs: 12, gradientAccumulationSteps: 2, batchSize: 4 },
      }),
    );
    expect(model.manifest.heads.map(({ kind }) => kind)).toEqual(Object.keys(heads));
    expect(last(series('validation/classification/f1'))).toBeGreaterThan(0.75);
    expect(last(series('validation/multiLabel/f1'))).toBeGreaterThan(0.75);
    expect(last(series('validation/regression/r2'))).toBeGreaterThan(0.5);
    expect(last(series('validation/tokenClassification/f1'))).toBeGreaterThan(0.8);
    expect(await workshop.predict(model.digest, ['the red dog runs'])).toHaveLength(1);
  });
});

describe('heads of tokens', () => {
  it.each<[string, Partial<Hyperparameters>]>([
    ['under an adapter', { adapter: lora, learningRate: 0.02 }],
    ['above a frozen prefix, its states kept', { freeze: { kind: 'prefix', layers: 1 } }],
    ['on a frozen encoder, its states kept', { freeze: { kind: 'encoder' }, learningRate: 0.05 }],
  ])('are trained %s', async (_, more) => {
    const { model, series } = await workshop.finish(
      await workshop.specOf('bert', heads.tokenClassification, { epochs: 12, ...more }),
    );
    expect(last(series('validation/loss'))!).toBeLessThan([...series('validation/loss').values()][0]! * 0.8);
    const [scores] = await workshop.evaluate(model.digest, [{ task: 'tags', targetColumns: ['tags'] }], 'words');
    expect(scores?.loss).toBeCloseTo(last(series('validation/loss')) ?? 0, 5);
  });

  it('accumulate to the loss of the whole batch, whatever words its parts have', async () => {
    const firstLoss = async (more: Partial<Hyperparameters>) => {
      const { series } = await workshop.finish(
        await workshop.specOf('bert', heads.tokenClassification, { epochs: 1, ...more }),
      );
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
    const spec = { ...(await workshop.specOf('bert', heads.tokenClassification, {}, 'text')), datasetDigest: uneven };
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
    const spec = await workshop.specOf('bert', heads[kind], { epochs: 2, dropout: 0.1 });
    const whole = await workshop.finish(spec);
    const killed = recordingContext({ killAtStep: 47 });
    await expect(train(jobOf(spec), killed.context, workshop.tools)).rejects.toThrow(Killed);
    const resumed = await workshop.finish(spec, recordingContext({ resume: killed.lastCheckpoint() }));
    expect(resumed.model.digest).toBe(whole.model.digest);
  },
);

it('early stopping on a label measure keeps the thresholds of the best evaluation', async () => {
  const more = { epochs: 10, learningRate: 0.05, earlyStopping: { metric: 'validation/f1', patience: 2, minDelta: 0 } };
  const { model, series } = await workshop.finish(await workshop.specOf('bert', heads.multiLabel, more));
  const [scores] = await workshop.evaluate(model.digest, [{ task: 'labels', targetColumns: ['labels'] }], 'words');
  if (scores?.kind !== 'multiLabel') throw new Error('scores of another kind');
  const best = Math.max(...[...series('validation/f1').values()].map((value) => value ?? 0));
  expect(scores.macro.f1).toBeCloseTo(best, 6);
});
