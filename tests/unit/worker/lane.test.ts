import { afterEach, expect, test, vi } from 'vitest';
import { Doorbell } from '../../../gpu-worker/lanes/doorbell.js';
import type { JobThread } from '../../../gpu-worker/lanes/job-thread.js';
import { serveLane } from '../../../gpu-worker/lanes/lane.js';
import type { RunningJob } from '../../../gpu-worker/lanes/run-job.js';
import type { Claim } from '../../../gpu-worker/queue/claim.js';

afterEach(() => vi.useRealTimers());

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} };

/** A lane over a list of jobs, which notes what happens to its threads. */
function laneOf(
  jobs: string[],
  options: {
    readonly keepsThread: boolean;
    readonly dies?: string;
    readonly failedStarts?: number;
    /** A job that another worker has by the time its thread has started. */
    readonly losesWhileHeld?: string;
    /** Whether threads that stay have something to do when there is no job. */
    readonly actsWhenIdle?: boolean;
  },
) {
  const noted: string[] = [];
  const ending = new AbortController();
  const doorbell = new Doorbell();
  let onEmpty: () => void = () => undefined;
  let started = 0;
  const startThread = async (): Promise<JobThread> => {
    started += 1;
    const name = `thread ${started}`;
    if (started <= (options.failedStarts ?? 0)) {
      noted.push(`${name} can't start`);
      throw new Error('out of memory');
    }
    let alive = true;
    noted.push(`${name} starts`);
    return {
      engine: null,
      get alive() {
        return alive;
      },
      run: async ({ job }) => {
        noted.push(`${name} does ${job.id}`);
        if (job.id === options.dies) alive = false;
        return { kind: 'stopped', reason: 'cancel' };
      },
      measure: async () => null,
      acknowledge: () => undefined,
      exit: async () => {
        noted.push(`${name} ends`);
      },
    };
  };
  const lane = (first: JobThread | null) =>
    serveLane(first, {
      lane: 'transfer',
      doorbell,
      claim: async () => {
        const id = jobs.shift();
        if (id !== undefined)
          return { job: { id }, resume: null, olderCheckpoints: [], storageLeftBytes: null } as unknown as Claim;
        // The lane is asked to wait only after it has dealt with its thread.
        queueMicrotask(() => setImmediate(() => onEmpty()));
        return null;
      },
      hold: ({ job }) => {
        noted.push(`holds ${job.id}`);
        return { release: () => (options.losesWhileHeld === job.id ? null : 1) };
      },
      run: (claim, _, thread): RunningJob => ({
        subjectId: null,
        lookAgain: () => undefined,
        shutDown: () => undefined,
        ended: thread
          .run(claim, new SharedArrayBuffer(8), {
            onReport: () => undefined,
            onGenerated: () => undefined,
            onProgressed: () => undefined,
            onDiscard: () => undefined,
            onKeep: () => undefined,
            onTook: () => undefined,
          })
          .then(() => undefined),
      }),
      startThread,
      keepsThread: options.keepsThread,
      idleMs: 0,
      ...(options.actsWhenIdle === true
        ? {
            whenIdle: {
              afterMs: 0,
              act: async () => {
                noted.push('idle');
              },
            },
          }
        : {}),
      now: () => 0,
      signal: ending.signal,
      log: log as never,
    });
  return {
    noted,
    lane,
    startThread,
    /** Resolves when all jobs are done. */
    empty: () =>
      new Promise<void>((resolve) => {
        onEmpty = resolve;
      }),
    more(id: string) {
      jobs.push(id);
      doorbell.ring();
    },
    async end(running: { readonly ended: Promise<void> }) {
      ending.abort();
      await running.ended;
    },
  };
}

test('a lane without a thread starts one for a job, keeps it for the next, and ends it when there is nothing to do', async () => {
  const test = laneOf([], { keepsThread: false });
  const idle = test.empty();
  const lane = test.lane(null);
  await idle;
  expect(test.noted).toEqual([]);
  const done = test.empty();
  test.more('a');
  test.more('b');
  await done;
  expect(test.noted).toEqual(['holds a', 'thread 1 starts', 'thread 1 does a', 'thread 1 does b', 'thread 1 ends']);
  const again = test.empty();
  test.more('c');
  await again;
  expect(test.noted.slice(5)).toEqual(['holds c', 'thread 2 starts', 'thread 2 does c', 'thread 2 ends']);
  await test.end(lane);
  expect(test.noted).toHaveLength(9);
});

test('a thread that died is replaced for the next job only', async () => {
  const test = laneOf(['a', 'b'], { keepsThread: false, dies: 'a' });
  const done = test.empty();
  const lane = test.lane(null);
  await done;
  expect(test.noted).toEqual([
    'holds a',
    'thread 1 starts',
    'thread 1 does a',
    'holds b',
    'thread 2 starts',
    'thread 2 does b',
    'thread 2 ends',
  ]);
  await test.end(lane);
});

test('a job that another worker has by the time its thread has started is left to that one', async () => {
  const test = laneOf(['a', 'b'], { keepsThread: false, losesWhileHeld: 'a' });
  const done = test.empty();
  const lane = test.lane(null);
  await done;
  expect(test.noted).toEqual(['holds a', 'thread 1 starts', 'thread 1 does b', 'thread 1 ends']);
  await test.end(lane);
});

test('a lane that keeps its thread has it from the start to the end', async () => {
  const test = laneOf(['a'], { keepsThread: true });
  const done = test.empty();
  const lane = test.lane(await test.startThread());
  await done;
  expect(test.noted).toEqual(['thread 1 starts', 'thread 1 does a']);
  await test.end(lane);
  expect(test.noted.at(-1)).toBe('thread 1 ends');
});

test("a thread that can't be started for a job costs this attempt alone, and the lane pauses before the next", async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const test = laneOf(['a', 'b', 'c'], { keepsThread: false, failedStarts: 2 });
  const done = test.empty();
  const lane = test.lane(null);
  await vi.advanceTimersByTimeAsync(1_999);
  expect(test.noted).toEqual(['holds a', "thread 1 can't start"]);
  await vi.advanceTimersByTimeAsync(1);
  expect(test.noted.slice(2)).toEqual(['holds b', "thread 2 can't start"]);
  await vi.advanceTimersByTimeAsync(2_000);
  await done;
  expect(test.noted.slice(4)).toEqual(['holds c', 'thread 3 starts', 'thread 3 does c', 'thread 3 ends']);
  await test.end(lane);
});

test("a kept thread that can't be replaced ends the lane with the reason", async () => {
  const test = laneOf(['a'], { keepsThread: true, failedStarts: 1 });
  await expect(test.lane(null).ended).rejects.toThrow('out of memory');
});

test('a thread that stays does once what it does when there is no job, and then goes on with jobs', async () => {
  const test = laneOf([], { keepsThread: true, actsWhenIdle: true });
  // Asked for twice: before it, and after it.
  const idle = test.empty();
  const lane = test.lane(await test.startThread());
  await idle;
  const done = test.empty();
  test.more('a');
  await done;
  await test.end(lane);
  expect(test.noted).toEqual(['thread 1 starts', 'idle', 'thread 1 does a', 'thread 1 ends']);
});
