import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepLease, type Lease } from '../../../gpu-worker/lanes/lease.js';
import { AttemptOver } from '../../../gpu-worker/queue/attempt-over.js';
import type { Desired } from '../../../gpu-worker/queue/heartbeat.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A lease of 30 s with a heartbeat every 10 s; `answer` is what a heartbeat does. */
function keep(answer: () => Promise<Desired>) {
  const beats: number[] = [];
  const desired: Desired[] = [];
  const lost: string[] = [];
  const failures: string[] = [];
  const startedAt = performance.now();
  const lease: Lease = keepLease({
    beat: () => {
      beats.push(performance.now() - startedAt);
      return answer();
    },
    leaseMs: 30_000,
    intervalMs: 10_000,
    grantedAt: startedAt,
    now: () => performance.now(),
    onDesired: (wish) => desired.push(wish),
    onLost: (reason) => lost.push(reason),
    onFailure: (error) => failures.push(error.message),
  });
  return { lease, beats, desired, lost, failures };
}

test('it beats at once and then at every interval, and passes on what the user wants', async () => {
  const kept = keep(async () => 'PAUSE');
  await vi.advanceTimersByTimeAsync(25_000);

  expect(kept.beats).toEqual([0, 10_000, 20_000]);
  expect(kept.desired).toEqual(['PAUSE', 'PAUSE', 'PAUSE']);
  kept.lease.stop();
  await vi.advanceTimersByTimeAsync(100_000);
  expect(kept.beats).toHaveLength(3);
  expect(kept.lost).toEqual([]);
});

test('failed heartbeats are repeated every second until the lease has run out', async () => {
  const kept = keep(() => Promise.reject(new Error('connection refused')));
  await vi.advanceTimersByTimeAsync(29_999);
  expect(kept.lost).toEqual([]);
  expect(kept.failures.length).toBe(30);

  await vi.advanceTimersByTimeAsync(1);
  expect(kept.lost).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(kept.lost).toHaveLength(1);
  expect(kept.beats).toHaveLength(30);
});

test('a heartbeat that never answers does not keep the lease alive', async () => {
  const kept = keep(() => new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(30_000);

  expect(kept.beats).toHaveLength(1);
  expect(kept.lost).toHaveLength(1);
});

test('a process that stood still past its lease asks whether it still has the job before it gives up', async () => {
  vi.useRealTimers();
  const later = <Value>(value: Value) => new Promise<Value>((resolve) => setImmediate(() => resolve(value)));
  const lost: string[] = [];
  let beats = 0;
  const lease = keepLease({
    beat: async () => {
      beats += 1;
      return later('RUN' as const);
    },
    leaseMs: 300,
    intervalMs: 100,
    grantedAt: performance.now(),
    now: () => performance.now(),
    onDesired: () => undefined,
    onLost: (reason) => lost.push(reason),
    onFailure: () => undefined,
  });
  await later(null);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  await expect.poll(() => beats).toBeGreaterThan(2);
  expect(lost).toEqual([]);
  lease.stop();
});

test('a heartbeat that another attempt refuses ends it at once', async () => {
  const kept = keep(() => Promise.reject(new AttemptOver('job', 1)));
  await vi.advanceTimersByTimeAsync(0);

  expect(kept.lost).toHaveLength(1);
  expect(kept.failures).toEqual([]);
});

test('a call out of turn beats now, also one that comes during a heartbeat', async () => {
  const kept = keep(async () => 'RUN');
  kept.lease.beatNow();
  await vi.advanceTimersByTimeAsync(0);
  expect(kept.beats).toEqual([0, 0]);
  kept.lease.stop();
});
