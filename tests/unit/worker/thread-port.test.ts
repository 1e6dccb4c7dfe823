import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import type { EngineChoice } from '../../../gpu-worker/engine/types.js';
import { ProblemError } from '../../../gpu-worker/problem-error.js';
import { createJobControl } from '../../../gpu-worker/stop-flag.js';
import { type JobService, serveJobs } from '../../../gpu-worker/thread-port.js';
import type { FromThread, ToThread } from '../../../gpu-worker/thread-protocol.js';
import type { ClaimedJob } from '../../../src/protocol/job.js';

const engine: EngineChoice = { target: 'cpu', reason: 'test', rejected: [], threads: 1, version: 'test' };
const job: ClaimedJob = {
  id: '00000000-0000-4000-8000-000000000001',
  projectId: '00000000-0000-4000-8000-000000000002',
  attempt: 1,
  payload: { kind: 'predict', modelDigest: '0'.repeat(64), texts: ['x'], pairs: null },
};

/** Main's end of a thread that does `run`. `received(n)` resolves when n messages have come. */
function serve(
  run: JobService['run'],
  release = async (): Promise<void> => undefined,
  more: Pick<JobService, 'measure'> = {},
) {
  const { port1: main, port2: port } = new MessageChannel();
  onTestFinished(() => main.close());
  const messages: FromThread[] = [];
  let arrived: () => void = () => undefined;
  main.on('message', (message: FromThread) => {
    messages.push(message);
    arrived();
  });
  serveJobs({ port: port as MessagePort, engine, run, release, ...more });
  return {
    main,
    send: (message: ToThread) => main.postMessage(message),
    start: () =>
      main.postMessage({
        kind: 'start',
        job,
        control: createJobControl(),
        resume: null,
        olderCheckpoints: [],
        storageLeftBytes: null,
        keptLogProbabilities: [],
      } satisfies ToThread),
    async received(count: number): Promise<readonly FromThread[]> {
      while (messages.length < count) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
      return messages;
    },
  };
}

test('reports arrive in their order, between ready and ended', async () => {
  const thread = serve(async (_job, context) => {
    context.status('TRAINING');
    await context.events([{ kind: 'logLine', level: 'INFO', message: 'one' }]);
    context.status('EVALUATING', 'all steps done');
    return { kind: 'stopped', reason: 'cancel' };
  });
  thread.start();

  expect(await thread.received(5)).toEqual([
    { kind: 'ready', engine },
    { kind: 'status', jobId: job.id, to: 'TRAINING', reason: null },
    { kind: 'events', jobId: job.id, events: [{ kind: 'logLine', level: 'INFO', message: 'one' }] },
    { kind: 'status', jobId: job.id, to: 'EVALUATING', reason: 'all steps done' },
    { kind: 'ended', jobId: job.id, outcome: { kind: 'stopped', reason: 'cancel' } },
  ]);
});

test('a job waits when two thousand of its reports are not written yet', async () => {
  let reported = 0;
  const thread = serve(async (_job, context) => {
    for (let step = 1; step <= 2_500; step += 1) {
      await context.events([{ kind: 'logLine', level: 'INFO', message: String(step) }]);
      reported = step;
    }
    return { kind: 'stopped', reason: 'cancel' };
  });
  thread.start();
  // ready and the two thousand that may be on their way; the last of them waits.
  await thread.received(1 + 2_000);
  expect(reported).toBe(1_999);

  thread.send({ kind: 'committed', jobId: job.id, messages: 600 });
  const all = await thread.received(1 + 2_500 + 1);

  expect(all.at(-1)?.kind).toBe('ended');
});

test('what a job throws is its problem', async () => {
  const problem = { path: ['spec', 'labelColumn'], code: 'NO_SUCH_COLUMN', message: 'There is none.', hint: 'Ask.' };
  const thrown = [
    { error: new ProblemError(problem), expected: problem },
    {
      error: Object.assign(new Error('too large'), { code: 'CONSTANT_TOO_LARGE' }),
      expected: { path: [], code: 'CONSTANT_TOO_LARGE', message: 'too large', hint: null },
    },
    { error: new TypeError('x is not a function'), expected: { code: 'INTERNAL', message: 'x is not a function' } },
  ];
  for (const { error, expected } of thrown) {
    const thread = serve(() => Promise.reject(error));
    thread.start();
    // ready, log, ended
    expect((await thread.received(3)).at(-1)).toMatchObject({ outcome: { kind: 'failed', problem: expected } });
  }
});

test('a thread tells its speed; null where it has none, or can not measure it', async () => {
  const nothing: JobService['run'] = async () => ({ kind: 'stopped', reason: 'cancel' });
  const speed = { engine: 2, script: 1 };
  const measuring = serve(nothing, undefined, { measure: async () => speed });
  measuring.send({ kind: 'measure' });
  expect((await measuring.received(2)).at(-1)).toEqual({ kind: 'measured', speed });

  const other = serve(nothing);
  other.send({ kind: 'measure' });
  expect((await other.received(2)).at(-1)).toEqual({ kind: 'measured', speed: null });

  const failing = serve(nothing, undefined, { measure: () => Promise.reject(new Error('no memory')) });
  failing.send({ kind: 'measure' });
  // ready, log, measured
  expect((await failing.received(3)).at(-1)).toEqual({ kind: 'measured', speed: null });
});

test('exit releases the engine and closes the port', async () => {
  let released = false;
  const thread = serve(
    async () => ({ kind: 'stopped', reason: 'cancel' }),
    async () => {
      released = true;
    },
  );
  const closed = new Promise<void>((resolve) => {
    thread.main.once('close', resolve);
  });

  thread.send({ kind: 'exit' });
  await closed;

  expect(released).toBe(true);
});
