import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NewCheckpoint, ReportedEvent, ResumePoint, StopReason } from '../../../gpu-worker/thread-protocol.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { TrainJob } from '../../../src/protocol/job.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { StorageError } from '../../../src/storage/storage-error.js';
import { type Damage, damage, damages } from '../../support/damage.js';
import { supervisedSpec } from '../../support/specs.js';
import { Killed, recordingContext } from './recording-context.js';
import { defaults, openWorkshop, sentences, writeDataset, writeTinyModel } from './support.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let common: { readonly baseModelDigest: string; readonly datasetDigest: string };

beforeAll(async () => {
  workshop = await openWorkshop();
  common = {
    baseModelDigest: await writeTinyModel(workshop.store),
    datasetDigest: await writeDataset(workshop.store, workshop.folder, sentences(120)),
  };
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** 90 training examples: 12 steps an epoch. */
const jobOf = (h: Partial<Hyperparameters> = {}, runId = '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c11'): TrainJob => ({
  kind: 'train',
  runId,
  spec: supervisedSpec({
    ...common,
    labelColumn: 'colour',
    labels: ['blue', 'red'],
    hyperparameters: { ...defaults, epochs: 1, checkpointEverySteps: 3, ...h },
  }),
});

const pointOf = ({ id, step, digest }: NewCheckpoint): ResumePoint => ({ checkpointId: id, attempt: 1, step, digest });

/** Trains to the end; from the newest of these checkpoints that is whole. */
async function finished(job: TrainJob, checkpoints: readonly NewCheckpoint[] = []) {
  const [resume = null, ...olderCheckpoints] = checkpoints.map(pointOf).reverse();
  const recorded = recordingContext({ resume, olderCheckpoints });
  const outcome = await train(job, recorded.context, workshop.tools);
  return { ...recorded, outcome, digest: outcome.kind === 'finished' ? outcome.model?.digest : undefined };
}

/** The two checkpoints that are kept of a run that was killed at step 8: those of steps 3 and 6. */
async function killed(job: TrainJob): Promise<readonly [NewCheckpoint, NewCheckpoint]> {
  const recorded = recordingContext({ killAtStep: 8 });
  await expect(train(job, recorded.context, workshop.tools)).rejects.toThrow(Killed);
  const [older, newest] = recorded.checkpoints;
  expect([older?.step, newest?.step]).toEqual([3, 6]);
  return [older!, newest!];
}

const isWarning = (event: ReportedEvent) => event.kind === 'logLine' && event.level === 'WARNING';

const manifestOf = ({ digest }: NewCheckpoint) => digest;
const tensorsOf = ({ digest, artifacts }: NewCheckpoint) => artifacts.find((each) => each.digest !== digest)!.digest;

test.each<[string, (checkpoint: NewCheckpoint) => string, Damage]>(
  damages.flatMap((how) => [
    [`its tensors ${how}`, tensorsOf, how],
    [`its manifest ${how}`, manifestOf, how],
  ]),
)('the newest checkpoint with %s: the run goes on from the one before, to the same bytes', async (_, file, how) => {
  const job = jobOf();
  const expected = await finished(job);
  const [older, newest] = await killed(job);
  await damage(workshop.store, file(newest), how);

  const resumed = await finished(job, [older, newest]);
  expect(resumed.digest).toBe(expected.digest);
  expect(resumed.wentBackTo).toEqual([3]);
  const [passedOver, goesOn] = resumed.events.slice(resumed.events.findIndex(isWarning));
  const what = how === 'missing' ? 'is not in the artifact store' : 'is damaged';
  expect(passedOver).toMatchObject({ kind: 'logLine', level: 'WARNING', message: expect.stringContaining(what) });
  expect(passedOver).toMatchObject({ message: expect.stringContaining('The checkpoint of step 6 is passed over') });
  expect(passedOver).toMatchObject({ message: expect.stringContaining(file(newest)) });
  expect(goesOn).toMatchObject({ message: 'Goes on after step 3, saved by attempt 1' });
  expect([...resumed.series('train/loss').keys()]).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12]);
  // The same checkpoint, made again, has replaced the damaged file.
  await expect(workshop.store.read(file(newest))).resolves.toBeInstanceOf(Buffer);
});

test('no checkpoint is whole: the run goes on from the beginning, to the same bytes', async () => {
  const job = jobOf();
  const expected = await finished(job);
  const kept = await killed(job);
  for (const checkpoint of kept) await damage(workshop.store, tensorsOf(checkpoint));
  const resumed = await finished(job, kept);
  expect(resumed.digest).toBe(expected.digest);
  expect(resumed.wentBackTo).toEqual([0]);
  expect(resumed.logged()).toContain('Goes on from the beginning: no checkpoint is whole');
});

test('a checkpoint of another run or another spec is passed over', async () => {
  const job = jobOf();
  const kept = await killed(job);
  for (const other of [jobOf({ seed: 8 }), jobOf({}, '11111111-2f1c-4d6e-9c55-0b1a6d0f3c11')]) {
    const resumed = await finished(other, kept);
    expect(resumed.outcome.kind).toBe('finished');
    expect(resumed.wentBackTo).toEqual([0]);
    expect(resumed.logged().join('\n')).toContain(
      'INVALID_CHECKPOINT: the run’s checkpoint cannot be used: it belongs to',
    );
  }
});

// At this rate the loss rises after the first epoch, so that the model is that of the first evaluation.
const stopping = {
  epochs: 8,
  learningRate: 0.3,
  checkpointEverySteps: 1000,
  earlyStopping: { metric: 'validation/loss', patience: 2, minDelta: 0.5 },
} as const;

test('the best checkpoint is damaged before the model is made of it: one more attempt makes it again', async () => {
  const job = jobOf(stopping);
  const expected = await finished(job);
  const best = expected.checkpoints.filter((checkpoint) => checkpoint.best).at(-1)!;
  expect(best.step).toBeLessThan(expected.checkpoints.at(-1)!.step);
  const destructive: ArtifactStore = {
    ...workshop.store,
    async localPath(digest) {
      if (digest === tensorsOf(best)) await damage(workshop.store, digest, 'truncated');
      return workshop.store.localPath(digest);
    },
  };
  const first = recordingContext();
  expect(await train(job, first.context, { ...workshop.tools, store: destructive })).toEqual({
    kind: 'stopped',
    reason: 'shutdown',
  });
  expect(first.logged().join('\n')).toContain(`The best checkpoint, of step ${best.step}, cannot be used`);

  const second = await finished(job, first.checkpoints);
  expect(second.digest).toBe(expected.digest);
  expect(second.wentBackTo).toEqual([0]);

  // Where it is damaged again and again, the disk is broken: the run fails, and says so.
  await damage(workshop.store, tensorsOf(best), 'truncated');
  const [resume, ...olderCheckpoints] = first.checkpoints.map(pointOf).reverse();
  const third = recordingContext({ resume: resume!, olderCheckpoints });
  expect(await train(job, third.context, { ...workshop.tools, store: destructive })).toMatchObject({
    kind: 'failed',
    problem: { code: 'MISSING_ARTIFACT', message: expect.stringContaining('is damaged') },
  });
});

/** A store whose disk is full for these writes, counted from 1. */
function fullAt(writes: ReadonlySet<number>): ArtifactStore {
  let count = 0;
  const refuse = () => {
    count += 1;
    if (writes.has(count)) throw new StorageError('DISK_FULL', 'write an artifact: no space is left on the disk');
  };
  return {
    ...workshop.store,
    async write(bytes) {
      refuse();
      return workshop.store.write(bytes);
    },
    async writeStream(source, options) {
      refuse();
      return workshop.store.writeStream(source, options);
    },
  };
}

test('the disk is full at a checkpoint and at the model: the run waits, and goes on to the same bytes', async () => {
  const job = jobOf({ checkpointEverySteps: 1000 });
  const expected = await finished(job);
  const recorded = recordingContext();
  // The tensors of the last checkpoint; then the weights of the model.
  const store = fullAt(new Set([1, 4]));
  const outcome = await train(job, recorded.context, { ...workshop.tools, store });
  expect(outcome).toMatchObject({ kind: 'finished', model: { digest: expected.digest } });
  const said = recorded.logged().filter((message) => /disk|space/.test(message));
  expect(said).toEqual([
    'The disk is full: the run waits to write the checkpoint of step 12. Make room where ATTUNE_HOME lies; the run goes on by itself',
    'There is space again: the checkpoint of step 12 is written',
    'The disk is full: the run waits to write the model. Make room where ATTUNE_HOME lies; the run goes on by itself',
    'There is space again: the model is written',
  ]);
  expect(recorded.checkpoints).toHaveLength(1);
});

test.each<StopReason>(['pause', 'shutdown', 'cancel'])(
  'a run that waits for space can be stopped: %s',
  async (wish) => {
    const job = jobOf();
    const isWaiting = () => recorded.logged().some((message) => message.startsWith('The disk is full'));
    const recorded: ReturnType<typeof recordingContext> = recordingContext({
      wishAt: () => (isWaiting() ? wish : null),
    });
    const store = fullAt(new Set(Array.from({ length: 100 }, (_, index) => 3 + index)));
    const outcome = await train(job, recorded.context, { ...workshop.tools, store });
    expect(outcome).toEqual({ kind: 'stopped', reason: wish });
    // The checkpoint before stays, and the run goes on from it when there is space again.
    expect(recorded.checkpoints.map(({ step }) => step)).toEqual([3]);
    expect((await finished(job, recorded.checkpoints)).digest).toBe((await finished(job)).digest);
  },
);
