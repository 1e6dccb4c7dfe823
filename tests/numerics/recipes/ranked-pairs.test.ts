import { createReadStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeItems } from '../../../gpu-worker/batch-jobs/make-items.js';
import { openRewardModel } from '../../../gpu-worker/forward/reward-model.js';
import type { JobContext } from '../../../gpu-worker/thread-port.js';
import type { MadeItem } from '../../../gpu-worker/thread-protocol.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { MakeItemsJob, PairRanking } from '../../../src/protocol/feedback/make-items-job.js';
import { rewardModellingSpec } from '../../support/specs.js';
import { jobOf } from './head-workshop.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, writeTable } from './support.js';
import { writeTinyEncoder } from './tiny-encoders.js';

/** Pairs of a dataset version that trained reward models rank, as the worker makes them. */

const columns = { prompt: 'VARCHAR', chosen: 'VARCHAR', rejected: 'VARCHAR' };
const ends = ['runs', 'sleeps', 'now', 'here'];
const openers = ['the red', 'a blue', 'here the'];

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let judges: readonly string[];
let dataDigest: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  const { store, folder, tools } = workshop;
  const judgements = Array.from({ length: 24 }, (_, i) => ({
    split: i % 4 === 3 ? 'validation' : 'train',
    prompt: openers[i % 3]!,
    chosen: ` cat ${ends[Math.floor(i / 3) % 4]}`,
    rejected: ` dog ${ends[Math.floor(i / 3) % 4]}`,
  }));
  const datasetDigest = await writeTable(store, folder, columns, judgements);
  const trained: string[] = [];
  for (const seed of [1, 2]) {
    const spec = rewardModellingSpec({
      baseModelDigest: await writeTinyEncoder(store, 'bert'),
      datasetDigest,
      hyperparameters: { ...defaults, dropout: 0, epochs: 2, learningRate: 5e-3, seed },
    });
    const outcome = await train(jobOf(spec), recordingContext().context, tools);
    if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
    trained.push(outcome.model.digest);
  }
  judges = trained;
  // The last pair has an answer without a word, which is scored as any other.
  const pairs = Array.from({ length: 12 }, (_, i) => ({
    split: 'train',
    prompt: openers[i % 3]!,
    chosen: ` ${i % 2 === 0 ? 'cat' : 'dog'} ${ends[i % 4]}`,
    rejected: i === 11 ? ' ' : ` the ${ends[(i + 1) % 4]} ${i % 3 === 0 ? 'dog' : 'red'}`,
  }));
  dataDigest = await writeTable(store, folder, columns, pairs);
}, 120_000);
afterAll(() => workshop?.[Symbol.asyncDispose]());

const ids = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const models = (count: number): PairRanking['models'] =>
  judges.slice(0, count).map((modelDigest, i) => ({ modelId: ids[i]!, modelDigest }));

const job = (ranking: PairRanking | null): MakeItemsJob => ({
  kind: 'makeItems',
  itemSourceId: '33333333-3333-4333-8333-333333333333',
  question: { kind: 'pairwise', strengths: 1 },
  versionId: '44444444-4444-4444-8444-444444444444',
  dataDigest,
  split: null,
  columns: { text: null, prompt: { column: 'prompt', form: 'text' }, answers: ['chosen', 'rejected'] },
  most: 100,
  seed: null,
  except: [],
  from: { kind: 'rows' },
  ranking,
});

async function run(asked: MakeItemsJob, name: string, { context } = recordingContext(), attempt = 1) {
  const { store, tools } = workshop;
  const folder = join(workshop.folder, name);
  await mkdir(folder, { recursive: true });
  const { items } = await makeItems(asked, attempt, context, { engine: tools.engine, store, folder, now: () => 0 });
  const made: MadeItem[] = [];
  for await (const line of createInterface({ input: createReadStream(items!.path) })) made.push(JSON.parse(line));
  return made;
}

/** What a model says of an answer alone. */
async function rewardOf(digest: string, { content }: MadeItem, answer: number): Promise<number> {
  const model = await openRewardModel(workshop.tools.engine, workshop.store, digest);
  try {
    const { prompt, answers } = content;
    const [reward] = await model.score([{ prompt, completion: answers[answer]!.text }], () => undefined);
    return reward!;
  } finally {
    await model.release();
  }
}

test('by the variance of the gap, with the rewards that each model gives an answer alone', async () => {
  const made = await run(job({ by: 'GAP_VARIANCE', models: models(2), keep: null }), 'variance');
  expect(made).toHaveLength(12);
  for (const item of made.slice(0, 3)) {
    const gaps: number[] = [];
    for (const [place, digest] of judges.entries()) {
      const alone = [await rewardOf(digest, item, 0), await rewardOf(digest, item, 1)];
      const said = item.rewards![place]!;
      expect(said.modelId).toBe(ids[place]);
      expect(said.rewards[0]).toBeCloseTo(alone[0]!, 4);
      expect(said.rewards[1]).toBeCloseTo(alone[1]!, 4);
      gaps.push(alone[0]! - alone[1]!);
    }
    // Of two numbers the variance is a quarter of their squared difference.
    expect(item.priority).toBeCloseTo((gaps[0]! - gaps[1]!) ** 2 / 4, 4);
  }
  const known = made.map(({ priority }) => priority!);
  expect(known).toEqual([...known].sort((a, b) => b - a));
  expect(new Set(known).size).toBeGreaterThan(3);
  const blank = made.find(({ content }) => content.row!.row === 11)!;
  expect(blank.rewards![0]!.rewards[1]).toBeCloseTo(await rewardOf(judges[0]!, blank, 1), 4);
});

test('by the gap of one model, of which only the first pairs are kept', async () => {
  const smallest = await run(job({ by: 'SMALLEST_GAP', models: models(1), keep: null }), 'smallest');
  const largest = await run(job({ by: 'LARGEST_GAP', models: models(1), keep: 4 }), 'largest');
  const rows = (items: readonly MadeItem[]) => items.map(({ content }) => content.row!.row);
  expect(rows(largest)).toHaveLength(4);
  const gap = ({ rewards }: MadeItem) => Math.abs(rewards![0]!.rewards[0]! - rewards![0]!.rewards[1]!);
  expect(smallest.map(({ priority }) => -priority!)).toEqual(smallest.map(gap));
  expect(rows(largest)[0]).toBe(rows(smallest).at(-1));
  expect(largest[0]!.priority).toBe(gap(largest[0]!));
});

test('an attempt after one that was given back goes on, and makes the same items', async () => {
  const asked = job({ by: 'GAP_VARIANCE', models: models(2), keep: null });
  const whole = await run(asked, 'whole');
  const beats = recordingContext({ wishAt: () => null });
  let total = 0;
  await run(asked, 'counted', { ...beats, context: { ...beats.context, beat: () => void total++ } });
  // Ends in the second model's answers: what the first has said is kept.
  const stopping = recordingContext({ wishAt: (beat) => (beat >= total - 3 ? 'shutdown' : null) });
  await expect(run(asked, 'stopped', stopping)).rejects.toThrow();
  const parts = await readdir(join(workshop.folder, 'stopped', `${asked.itemSourceId}.part`, 'scores'));
  expect(parts.length).toBeGreaterThan(0);
  const said: number[] = [];
  const next = recordingContext();
  const context: JobContext = {
    ...next.context,
    progressed: (progress) => void ('unitsDone' in progress && said.push(progress.unitsDone)),
  };
  expect(await run(asked, 'stopped', { ...next, context }, 2)).toEqual(whole);
  expect(said.some((done) => done > 0)).toBe(true);
});
