import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeItems } from '../../../gpu-worker/batch-jobs/make-items.js';
import { predictBatch } from '../../../gpu-worker/batch-jobs/predict-batch.js';
import { predict } from '../../../gpu-worker/forward/predict.js';
import { openModel } from '../../../gpu-worker/forward/ready-model.js';
import { openRewardModel } from '../../../gpu-worker/forward/reward-model.js';
import { openRewards } from '../../../gpu-worker/rewards/open-rewards.js';
import type { MadeItem } from '../../../gpu-worker/thread-protocol.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import { resultColumns } from '../../../src/protocol/batch-prediction.js';
import type { MakeItemsJob } from '../../../src/protocol/feedback/make-items-job.js';
import { TextPrediction } from '../../../src/protocol/job.js';
import { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { rewardModellingSpec } from '../../support/specs.js';
import { jobOf } from './head-workshop.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, writeTable } from './support.js';
import { writeTinyEncoder } from './tiny-encoders.js';

/** The same answer has the same reward, or none, whoever asks a reward model. */

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let dataDigest: string;
const prompt = 'the red';
/** Blank, empty, and one with words. */
const answers = ['', ' ', 'cat runs'];
const beat = () => undefined;

beforeAll(async () => {
  workshop = await openWorkshop();
  const columns = { prompt: 'VARCHAR', chosen: 'VARCHAR', rejected: 'VARCHAR' };
  const rows = Array.from({ length: 16 }, (_, i) => ({
    split: i % 4 === 3 ? 'validation' : 'train',
    prompt,
    chosen: `cat ${['runs', 'sleeps', 'now', 'here'][i >> 2]}`,
    rejected: i % 2 === 0 ? '' : 'dog',
  }));
  dataDigest = await writeTable(workshop.store, workshop.folder, columns, rows);
});
afterAll(() => workshop?.[Symbol.asyncDispose]());

/** The tokenizer has no token that ends texts: a word ends answers. */
const chatTemplate = "{% for m in messages %}{{ m.content }}{% if m.role == 'assistant' %} here{% endif %}{% endfor %}";

async function trained(family: 'bert' | 'llama', template: string | null) {
  const spec = rewardModellingSpec({
    baseModelDigest: await writeTinyEncoder(workshop.store, family),
    datasetDigest: dataDigest,
    unlearnable: 'leaveOut',
    chatTemplate: template,
    hyperparameters: { ...defaults, dropout: 0, maxLength: 24, epochs: 2 },
  });
  const outcome = await train(jobOf(spec), recordingContext().context, workshop.tools);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  // So few pairs show nothing: that it is above chance is said here.
  const { manifest } = outcome.model;
  const evidence = { pairs: 100, right: 90, low: 0.82, high: 0.94 };
  const said = ModelManifest.parse({ ...manifest, heads: [{ ...manifest.heads[0], evidence }] });
  const { digest } = await workshop.store.write(Buffer.from(JSON.stringify(said)));
  return { digest, manifest: said };
}

const rounded = (values: ArrayLike<number | null>) =>
  Array.from(values, (value) => (value === null || Number.isNaN(value) ? null : Number(value.toFixed(4))));

/** What each of those who ask a reward model says of the answers. */
async function saidOf({ digest, manifest }: { readonly digest: string; readonly manifest: ModelManifest }) {
  const { tools, store, folder: root } = workshop;
  const folder = join(root, digest);
  await mkdir(folder, { recursive: true });
  const { engine } = tools;
  const model = await openRewardModel(engine, store, digest);
  const alone = await model.score(
    answers.map((completion) => ({ prompt, completion })),
    beat,
  );
  await model.release();

  const source = { kind: 'rewardModel', modelId: '00000000-0000-4000-8000-000000000001', modelDigest: digest } as const;
  const short = { kind: 'rule', rule: { kind: 'lengthCost', unit: 'tokens', cost: 0 } } as const;
  const list = [
    { name: 'judge', weight: 1, source },
    { name: 'short', weight: 1, source: short },
  ];
  const services = { rewardKey: '', allowPrivate: '' };
  const rewards = await openRewards(list, { ...tools, services, beat });
  const asked = answers.map((text) => ({
    prompt: { kind: 'text', text: prompt } as const,
    text,
    tokenCount: 1,
    row: {},
  }));
  const { total } = await rewards.score(asked);
  await rewards.release();

  const ready = await openModel(engine, store, digest);
  const predictions = await predict(ready, { texts: answers.map(() => prompt), pairs: answers }, beat);
  await ready.release();
  const single = TextPrediction.array()
    .parse(predictions)
    .map(({ tasks: [task] }) => (task?.kind === 'reward' ? task.value : Number.NaN));

  const rows = answers.map((answer) => ({ split: 'test', prompt, answer, other: 'a dog' }));
  const table = await writeTable(store, folder, { prompt: 'VARCHAR', answer: 'VARCHAR', other: 'VARCHAR' }, rows);
  const tools2 = { engine, store, folder, now: () => 0 };
  const batch = {
    kind: 'predictBatch',
    batchPredictionId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c13',
    modelDigest: digest,
    dataDigest: table,
    split: null,
    rowCount: rows.length,
    textColumn: 'prompt',
    pairColumn: 'answer',
    format: 'jsonLines',
    columns: resultColumns(manifest.heads, { taken: [], withSplit: false, withProbabilities: false }),
    fileName: 'predicted.jsonl',
  } as const;
  const { result } = await predictBatch(batch, 1, recordingContext().context, tools2);
  if (result.kind !== 'predictBatch') throw new Error('It has the result of another job.');
  const lines = (await store.read(result.file.digest)).toString().trimEnd().split('\n');
  const batched = lines
    .map((line) => JSON.parse(line))
    .sort((a, b) => answers.indexOf(a.answer) - answers.indexOf(b.answer));
  const column = batch.columns.find(({ content }) => content === 'number')!.name;

  const job: MakeItemsJob = {
    kind: 'makeItems',
    itemSourceId: '33333333-3333-4333-8333-333333333333',
    question: { kind: 'pairwise', strengths: 1 },
    versionId: '44444444-4444-4444-8444-444444444444',
    dataDigest: table,
    split: null,
    columns: { text: null, prompt: { column: 'prompt', form: 'text' }, answers: ['answer', 'other'] },
    most: 100,
    seed: null,
    except: [],
    from: { kind: 'rows' },
    ranking: { by: 'LARGEST_GAP', models: [{ modelId: source.modelId, modelDigest: digest }], keep: null },
  };
  const { items } = await makeItems(job, 1, recordingContext().context, tools2);
  const made: MadeItem[] = [];
  for await (const line of createInterface({ input: createReadStream(items!.path) })) made.push(JSON.parse(line));
  made.sort((one, two) => one.content.row!.row - two.content.row!.row);
  return {
    alone: rounded(alone),
    total: rounded(total),
    single: rounded(single),
    batched: rounded(batched.map((line) => line[column])),
    errors: batched.map(({ prediction_error }) => prediction_error),
    ranked: rounded(
      made.map(({ content, rewards }) => rewards![0]!.rewards[content.answers[0]!.text === 'a dog' ? 1 : 0]),
    ),
    last: made.filter(({ priority }) => priority === null).length,
  };
}

test.each([
  ['bert', null],
  ['llama', chatTemplate],
] as const)('of a reward model of the family %s an empty answer has a reward', async (family, template) => {
  const { alone, errors, last, ...others } = await saidOf(await trained(family, template));
  expect(alone).not.toContain(null);
  for (const [who, each] of Object.entries(others)) expect([who, each]).toEqual([who, alone]);
  expect([errors, last]).toEqual([[null, null, null], 0]);
});

test('of a decoder without a token that ends answers an empty one has none, and no total', async () => {
  const { alone, errors, last, ...others } = await saidOf(await trained('llama', null));
  expect(alone.map((reward) => reward === null)).toEqual([true, true, false]);
  for (const [who, each] of Object.entries(others)) expect([who, each]).toEqual([who, alone]);
  expect([errors, last]).toEqual([['UNREAD_ANSWER', 'UNREAD_ANSWER', null], 2]);
});
