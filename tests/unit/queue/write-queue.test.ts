import { expect, test } from 'vitest';
import { isDue, nextBatch, pauseBetween, type Report } from '../../../gpu-worker/telemetry/write-queue.js';

const jobId = 'job';
const line = (message: string) => ({ kind: 'logLine', level: 'INFO', message }) as const;
const events = (...messages: string[]): Report => ({ kind: 'events', jobId, events: messages.map(line) });
const status: Report = { kind: 'status', jobId, to: 'TRAINING', reason: null };
const checkpoint: Report = {
  kind: 'checkpoint',
  jobId,
  checkpoint: { id: 'id', step: 1, best: false, digest: 'd', sizeBytes: 1, artifacts: [] },
};

test('events stand together up to the next status change or checkpoint', () => {
  const queue = [events('a', 'b'), events('c'), checkpoint, events('d')];

  expect(nextBatch(queue, 500)).toEqual({ kind: 'events', events: ['a', 'b', 'c'].map(line), reports: 2 });
  expect(nextBatch(queue.slice(2), 500)).toMatchObject({ kind: 'checkpoint', reports: 1 });
  expect(nextBatch(queue.slice(3), 500)).toEqual({ kind: 'events', events: [line('d')], reports: 1 });
  expect(nextBatch([status], 500)).toEqual({ kind: 'status', to: 'TRAINING', reason: null, reports: 1 });
  expect(nextBatch([], 500)).toBeNull();
});

test('a batch is full at its limit; one message is never split', () => {
  expect(nextBatch([events('a', 'b'), events('c', 'd')], 3)).toMatchObject({ reports: 1 });
  expect(nextBatch([events('a', 'b', 'c', 'd')], 3)).toMatchObject({ reports: 1 });
});

test('events wait for company unless the batch is full or something else follows', () => {
  expect(isDue([events('a')], 3)).toBe(false);
  expect(isDue([events('a'), events('b', 'c')], 3)).toBe(true);
  expect(isDue([events('a'), checkpoint], 3)).toBe(true);
  expect(isDue([status], 3)).toBe(true);
});

test('writes up to 25 ms have a quarter of the time, and no write keeps events for longer than a tenth of a second', () => {
  expect(pauseBetween(2)).toBe(8);
  expect(pauseBetween(25)).toBe(100);
  expect(pauseBetween(50)).toBe(100);
  expect(pauseBetween(500)).toBe(100);
});
