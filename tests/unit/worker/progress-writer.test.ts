import { expect, test } from 'vitest';
import { createProgressWriter } from '../../../gpu-worker/telemetry/progress-writer.js';
import type { TransferProgress } from '../../../src/protocol/job.js';

const at = (bytesDone: number): TransferProgress => ({ bytesDone, bytesTotal: 100, currentFile: 'model.safetensors' });

test('the first is written at once; of those that come meanwhile, the newest', async () => {
  const written: number[] = [];
  const writer = createProgressWriter<TransferProgress>({
    write: async ({ bytesDone }) => {
      written.push(bytesDone);
    },
    onFailure: () => undefined,
  });
  for (let bytesDone = 1; bytesDone <= 100; bytesDone += 1) writer.push(at(bytesDone));
  await writer.drain();
  expect(written).toEqual([1, 100]);
  await writer.drain();
  expect(written).toEqual([1, 100]);
});

test('a write that fails is told, and the next one goes on', async () => {
  const failures: string[] = [];
  const written: number[] = [];
  const writer = createProgressWriter<TransferProgress>({
    write: async ({ bytesDone }) => {
      if (bytesDone === 1) throw new Error('the database is away');
      written.push(bytesDone);
    },
    onFailure: ({ message }) => failures.push(message),
  });
  writer.push(at(1));
  writer.push(at(2));
  await writer.drain();
  expect({ failures, written }).toEqual({ failures: ['the database is away'], written: [2] });
});
