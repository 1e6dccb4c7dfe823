import { expect, test } from 'vitest';
import { ProblemError } from '../../../gpu-worker/problem-error.js';
import type { JobContext } from '../../../gpu-worker/thread-port.js';
import type { ImportedModel } from '../../../gpu-worker/thread-protocol.js';
import { type Transfers, transfer } from '../../../gpu-worker/transfer-jobs/transfer-jobs.js';
import type { ExportJob, ImportJob, TransferProgress } from '../../../src/protocol/job.js';
import { producedModel } from '../../support/run-rows.js';

const importJob: ImportJob = {
  kind: 'import',
  importId: '00000000-0000-4000-8000-000000000001',
  source: { kind: 'folder', path: '/models/mini' },
  licence: null,
  adapterBaseDigest: null,
};
const exportJob: ExportJob = {
  kind: 'export',
  exportId: '00000000-0000-4000-8000-000000000002',
  modelDigest: 'a'.repeat(64),
  format: 'onnx',
};
const model: ImportedModel = { ...producedModel, source: 'folder:/models/mini', ignoredTensors: [] };

function contextOf(wish: () => 'cancel' | null = () => null) {
  const told: TransferProgress[] = [];
  const discarded: string[] = [];
  let beats = 0;
  const context = {
    resume: null,
    olderCheckpoints: [],
    storageLeftBytes: null,
    keptLogProbabilities: [],
    requested: wish,
    beat: () => {
      beats += 1;
    },
    progressed: (progress: TransferProgress) => told.push(progress),
    discard: (digests: readonly string[]) => discarded.push(...digests),
    keep: () => undefined,
  } as unknown as JobContext;
  return { context, told, discarded, beats: () => beats };
}

const unused: Transfers = {
  importModel: () => Promise.reject(new Error('no import was asked for')),
  exportModel: () => Promise.reject(new Error('no export was asked for')),
};

test('an import tells how far it is, and ends with its model', async () => {
  const { context, told, beats } = contextOf();
  const outcome = await transfer(importJob, context, {
    ...unused,
    async importModel(job, { onProgress }) {
      expect(job).toBe(importJob);
      // Sizes are not known yet: a sign of life, and nothing to tell.
      onProgress({ file: '', bytesDone: 0, bytesTotal: 0 });
      onProgress({ file: 'model.safetensors', bytesDone: 5, bytesTotal: 10 });
      return model;
    },
  });
  expect(outcome).toEqual({ kind: 'finished', result: { kind: 'import', modelDigest: model.digest }, model });
  expect(told).toEqual([{ bytesDone: 5, bytesTotal: 10, currentFile: 'model.safetensors' }]);
  expect(beats()).toBe(3);
});

test('an export ends with its files and their artifacts', async () => {
  const files = [{ name: 'model.onnx', digest: 'b'.repeat(64), sizeBytes: 3 }];
  const artifacts = [{ digest: 'b'.repeat(64), sizeBytes: 3, mediaType: 'application/octet-stream' }];
  const outcome = await transfer(exportJob, contextOf().context, {
    ...unused,
    exportModel: async () => ({ files, artifacts }),
  });
  expect(outcome).toEqual({ kind: 'finished', result: { kind: 'export', files }, model: null, files: artifacts });
});

test('a cancel stops it at its next sign of life, and what it wrote is given back', async () => {
  let wish: 'cancel' | null = null;
  const { context, discarded } = contextOf(() => wish);
  const outcome = await transfer(importJob, context, {
    ...unused,
    async importModel(_, { onProgress, discard }) {
      try {
        wish = 'cancel';
        onProgress({ file: 'model.safetensors', bytesDone: 5, bytesTotal: 10 });
        return model;
      } catch (error) {
        await discard(['c'.repeat(64)]);
        throw error;
      }
    },
  });
  expect(outcome).toEqual({ kind: 'stopped', reason: 'cancel' });
  expect(discarded).toEqual(['c'.repeat(64)]);
});

test('a problem fails the job; a fault is no outcome', async () => {
  const problem = { path: ['source', 'path'], code: 'NOT_FOUND', message: 'no such folder', hint: null };
  const failing = (error: Error): Transfers => ({ ...unused, importModel: () => Promise.reject(error) });
  expect(await transfer(importJob, contextOf().context, failing(new ProblemError(problem)))).toEqual({
    kind: 'failed',
    problem,
  });
  await expect(transfer(importJob, contextOf().context, failing(new TypeError('a bug')))).rejects.toThrow('a bug');
});

test('other lanes have other jobs', async () => {
  const job = { kind: 'predict', modelDigest: 'a'.repeat(64), texts: ['x'], pairs: null } as const;
  const predict = { ...job, texts: [...job.texts] };
  await expect(transfer(predict, contextOf().context, unused)).rejects.toThrow(RangeError);
});
