import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { predictBatch } from '../../../gpu-worker/batch-jobs/predict-batch.js';
import { RunStopped } from '../../../gpu-worker/run-stopped.js';
import type { JobProgress } from '../../../gpu-worker/thread-protocol.js';
import { resultColumns } from '../../../src/protocol/batch-prediction.js';
import type { PredictBatchJob, TextPrediction } from '../../../src/protocol/job.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { multiTaskSpec } from '../../support/specs.js';
import { h, heads, openHeadWorkshop, sentences } from './head-workshop.js';
import { recordingContext } from './recording-context.js';
import { writeTable } from './support.js';

let workshop: Awaited<ReturnType<typeof openHeadWorkshop>>;
let model: { readonly digest: string; readonly manifest: ModelManifest };
beforeAll(async () => {
  workshop = await openHeadWorkshop();
  const { model: produced } = await workshop.finish(
    multiTaskSpec({
      baseModelDigest: await workshop.baseOf('bert'),
      datasetDigest: workshop.datasetDigest,
      textColumn: 'words',
      tasks: Object.entries(heads).map(([name, head]) => ({ name, weight: 1, head })),
      hyperparameters: { ...h, pooling: 'mean', epochs: 2 },
    }),
  );
  model = produced;
});
afterAll(() => workshop[Symbol.asyncDispose]());

function jobOf(change: Partial<PredictBatchJob> = {}): PredictBatchJob {
  return {
    kind: 'predictBatch',
    batchPredictionId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c13',
    modelDigest: model.digest,
    dataDigest: workshop.datasetDigest,
    split: null,
    rowCount: 400,
    textColumn: 'words',
    pairColumn: null,
    format: 'jsonLines',
    columns: resultColumns(model.manifest.heads, { taken: [], withSplit: true, withProbabilities: true }),
    fileName: 'predicted.jsonl',
    ...change,
  };
}

const batches = () => join(workshop.folder, 'batches');

async function run(job: PredictBatchJob, { context } = recordingContext()) {
  const { store, tools } = workshop;
  const outcome = await predictBatch(job, 1, context, { engine: tools.engine, store, folder: batches(), now: () => 0 });
  if (outcome.result.kind !== 'predictBatch') throw new Error('It has the result of another job.');
  return outcome.result;
}

async function linesOf(digest: string): Promise<Record<string, unknown>[]> {
  const lines = (await workshop.store.read(digest)).toString().trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

/** The columns that a single prediction amounts to. */
function asColumns({ tasks, truncated }: TextPrediction, text: string): Record<string, unknown> {
  const columns = tasks.flatMap((task): [string, unknown][] => {
    const name = `predicted_${task.task}`;
    switch (task.kind) {
      case 'classification':
        return [
          [name, task.labels[0]!.label],
          [`${name}_probability`, task.labels[0]!.probability],
          [`${name}_probabilities`, task.labels],
        ];
      case 'multiLabel': {
        const decided = task.labels.filter(({ isPredicted }) => isPredicted);
        return [
          [name, decided.map(({ label }) => label)],
          [`${name}_probability`, decided.map(({ probability }) => probability)],
          [`${name}_probabilities`, task.labels],
        ];
      }
      case 'regression':
        return task.values.map((value) => [`${name}_${value.name}`, value.value]);
      case 'tokenClassification':
        return [[name, task.spans.map((span) => ({ ...span, text: text.slice(span.start, span.end) }))]];
      case 'reward':
        return [[name, task.value]];
      default:
        return task satisfies never;
    }
  });
  return { ...Object.fromEntries(columns), prediction_truncated: truncated, prediction_error: null };
}

/** Numbers to five digits: a text computed among others may differ in its last bits. */
const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, each) => (typeof each === 'number' ? Number(each.toPrecision(5)) : each)));

it('every row has what a single prediction says, of a head of each kind', async () => {
  const { file, errorCount } = await run(jobOf());
  expect(errorCount).toBe(0);
  const lines = await linesOf(file.digest);
  const rows = sentences(400);
  expect(lines.map(({ text, split }) => [text, split])).toEqual(rows.map(({ text, split }) => [text, split]));
  const texts = rows.slice(0, 200).map(({ text }) => text);
  const single = await workshop.predict(model.digest, texts);
  for (const [i, text] of texts.entries()) {
    expect(rounded(lines[i])).toMatchObject(rounded(asColumns(single[i]!, text)) as object);
  }
  expect(await readdir(batches())).toEqual([]);
});

it('one that is shut down goes on later, with the same bytes; one that is canceled leaves nothing', async () => {
  const { store, folder } = workshop;
  const rows = sentences(1_200).map(({ split, text }) => ({ split, text }));
  const dataDigest = await writeTable(store, folder, { text: 'VARCHAR' }, rows);
  const all = { dataDigest, textColumn: 'text', rowCount: 1_200 };
  const whole = await run(jobOf(all));
  const interrupted = jobOf({ ...all, batchPredictionId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c14' });
  const done: number[] = [];
  /** Stops after the first 512 rows. */
  const stopped = (reason: 'shutdown' | 'cancel') => {
    const recorded = recordingContext();
    let wish: typeof reason | null = null;
    const progressed = (progress: JobProgress): void => {
      if ('rowsDone' in progress && progress.rowsDone >= 512) wish = reason;
    };
    return run(interrupted, { ...recorded, context: { ...recorded.context, requested: () => wish, progressed } });
  };
  await expect(stopped('shutdown')).rejects.toThrow(RunStopped);
  expect(await readdir(batches())).toEqual([`${interrupted.batchPredictionId}.part`]);
  const recorded = recordingContext();
  const progressed = (progress: JobProgress): void => {
    if ('rowsDone' in progress) done.push(progress.rowsDone);
  };
  expect(await run(interrupted, { ...recorded, context: { ...recorded.context, progressed } })).toEqual(whole);
  expect(done).toEqual([512, 1_024, 1_200]);
  await expect(stopped('cancel')).rejects.toThrow(RunStopped);
  expect(await readdir(batches())).toEqual([]);
});

it('rows that can not be predicted say why, and are counted', async () => {
  const rows = ['the red dog', null, '   ', `the ${'dog '.repeat(30_000)}`, 'a cat'];
  const table = rows.map((text) => ({ split: 'train', text }));
  const dataDigest = await writeTable(workshop.store, workshop.folder, { text: 'VARCHAR' }, table);
  const { file, errorCount } = await run(jobOf({ dataDigest, textColumn: 'text', rowCount: 5 }));
  expect(errorCount).toBe(3);
  const lines = await linesOf(file.digest);
  expect(lines.map(({ prediction_error }) => prediction_error)).toEqual([
    null,
    'EMPTY_TEXT',
    'EMPTY_TEXT',
    'TEXT_TOO_LONG',
    null,
  ]);
  expect(lines[1]).toMatchObject({ predicted_classification: null, predicted_tokenClassification: null });
  expect(lines[4]).toMatchObject({ predicted_classification: expect.any(String) });
});

it('a split alone; no rows at all give a file without rows', async () => {
  const { file } = await run(jobOf({ split: 'validation' }));
  expect(await linesOf(file.digest)).toHaveLength(100);
  const none = await run(jobOf({ split: 'test', format: 'csv' }));
  expect((await workshop.store.read(none.file.digest)).toString()).toMatch(/^words,text,[^\n]+,prediction_error\n$/);
});

it.each([
  [{ modelDigest: 'a'.repeat(64) }, 'MISSING_ARTIFACT'],
  [{ dataDigest: 'a'.repeat(64) }, 'MISSING_ARTIFACT'],
  [{ textColumn: 'nothing' }, 'UNKNOWN_COLUMN'],
])('%o: %s', async (change, code) => {
  await expect(run(jobOf(change))).rejects.toMatchObject({ problem: { code } });
  expect(await readdir(batches())).toEqual([]);
});

it('a file beyond the quota is refused', async () => {
  const recorded = recordingContext();
  const context = { ...recorded.context, storageLeftBytes: 100 };
  await expect(run(jobOf(), { ...recorded, context })).rejects.toMatchObject({ problem: { code: 'QUOTA_EXCEEDED' } });
});
