import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportModel } from '../../../gpu-worker/hugging-face/export-model.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { withinQuota } from '../../../gpu-worker/transfer-jobs/within-quota.js';
import { fromFolder, openWorkshop, type Workshop } from '../hugging-face/import-tools.js';

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: { problem?: unknown }) => error.problem ?? error,
  );

describe('a store within a quota', () => {
  test('lets pass what fits, and breaks off what does not, without a trace', async () => {
    const { store } = withinQuota(workshop.store, 10);
    const first = await store.write(Buffer.from('1234'));
    await store.writeStream(Readable.from([Buffer.from('567')]));
    expect(await problemOf(store.write([Buffer.from('89'), Buffer.from('01')]))).toEqual({
      path: [],
      code: 'QUOTA_EXCEEDED',
      message: "The project's storage quota leaves 10 bytes; the transfer takes 11 bytes.",
      hint: expect.stringContaining('setProjectQuota'),
    });
    expect(await problemOf(store.writeStream(Readable.from([Buffer.from('89'), Buffer.from('01')])))).toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
    await store.write(Buffer.from('890'));
    expect(await workshop.stored()).toHaveLength(3);
    expect((await store.read(first.digest)).toString()).toBe('1234');
  });

  test('without a quota is the store itself', () => {
    expect(withinQuota(workshop.store, null).store).toBe(workshop.store);
  });
});

describe('a transfer that its project may not take up', () => {
  test('is refused before its weights are written when the configuration tells', async () => {
    const folder = await workshop.copyOf('bert');
    const problem = await problemOf(
      importModel(fromFolder(folder), { ...workshop.tools, ...withinQuota(workshop.store, 1000) }),
    );
    expect(problem).toMatchObject({ path: [], code: 'QUOTA_EXCEEDED' });
    expect(await workshop.stored()).toEqual([]);
  });

  test('leaves nothing when its last file is one too many', async () => {
    const folder = await workshop.copyOf('bert');
    const { artifacts } = await importModel(fromFolder(folder), workshop.tools);
    const bytes = artifacts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (const { digest } of artifacts) await workshop.store.remove(digest);

    const within = (leftBytes: number) =>
      importModel(fromFolder(folder), { ...workshop.tools, ...withinQuota(workshop.store, leftBytes) });
    expect(await problemOf(within(bytes - 1))).toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(await workshop.stored()).toEqual([]);
    expect((await within(bytes)).artifacts).toEqual(artifacts);
  });

  test('an export breaks off likewise, and the model stays', async () => {
    const { digest } = await importModel(fromFolder(await workshop.copyOf('bert')), workshop.tools);
    const before = await workshop.stored();
    const problem = await problemOf(
      exportModel(
        { modelDigest: digest, format: 'onnx' },
        { ...workshop.tools, store: withinQuota(workshop.store, 1000).store },
      ),
    );
    expect(problem).toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect((await workshop.stored()).toSorted()).toEqual(before.toSorted());
  });
});
