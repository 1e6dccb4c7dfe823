import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDeletionService } from '../../../src/deletion/deletion.service.js';
import { sweepFiles } from '../../../src/deletion/sweep-files.js';
import { keepArtifacts } from '../../../src/storage/keep-artifacts.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { deletableObjects } from '../../support/deletable-objects.js';
import { deleteObject } from '../../support/deletions.js';
import { digest, insertBaseModel } from '../../support/rows.js';

let api: TestApi;
let objects: ReturnType<typeof deletableObjects>;
beforeAll(async () => {
  api = await startTestApi();
  objects = deletableObjects(api);
});
afterAll(() => api?.close());

describe('files', () => {
  const failing = () =>
    createDeletionService({
      dataSource: api.dataSource,
      store: { remove: () => Promise.reject(new Error('The disk is away.')) },
      onSweepFailed: () => undefined,
    });
  const plainly = { cascade: false, dryRun: false };

  test('that could not be removed are removed by the next sweep: the deletion is done', async () => {
    const { id, name } = await objects.storedDataset();
    expect(await failing().delete('Dataset', id, plainly, [])).toMatchObject({ freedBytes: 1 });
    expect(await objects.exists('datasets', id)).toBe(false);
    expect(await api.store.has(digest(`${name} 1`))).toBe(true);
    expect(await sweepFiles(api.dataSource, api.store)).toBe(1);
    expect(await api.store.has(digest(`${name} 1`))).toBe(false);
    expect(await sweepFiles(api.dataSource, api.store)).toBe(0);
  });

  test('that somebody begins to need meanwhile stay', async () => {
    const { id, name } = await objects.storedDataset();
    const file = digest(`${name} 1`);
    await failing().delete('Dataset', id, plainly, []);
    const other = await objects.storedDataset();
    const runner = api.dataSource.createQueryRunner();
    await runner.startTransaction();
    const query = async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
      (await runner.query(sql, [...parameters], true)).records as Row[];
    await keepArtifacts(query, api.store, [{ digest: file, sizeBytes: 1, mediaType: 'application/octet-stream' }]);
    const sweeping = sweepFiles(api.dataSource, api.store);
    await query('UPDATE dataset_versions SET digest = $2 WHERE id = $1', [other.versionIds[0], file]);
    await runner.commitTransaction();
    await runner.release();
    expect(await sweeping).toBe(0);
    expect(await api.store.has(file)).toBe(true);
    // Noted again when its new user goes.
    expect((await deleteObject(api, 'Dataset', other.id)).freedBytes).toBe(2);
    expect(await api.store.has(file)).toBe(false);
  });

  test.each(['BaseModel', 'DatasetVersion'] as const)(
    'with what a reference said of judged answers go with the %s that it is of, which may be deleted',
    async (kind) => {
      const [model, { versionIds }] = [
        await insertBaseModel(api.dataSource, api.projectId, { name: objects.fresh('reference') }),
        await objects.storedDataset(),
      ];
      const file = await api.store.write(Buffer.from(`log-probabilities ${kind}`));
      await api.dataSource.query('INSERT INTO artifacts (digest, size_bytes, media_type) VALUES ($1, 1000, $2)', [
        file.digest,
        'application/vnd.safetensors',
      ]);
      const before = await objects.used();
      await api.dataSource.query(
        `INSERT INTO kept_log_probabilities (project_id, content, threads, reference_model_id, dataset_version_id, digest)
         VALUES ($1, $2, 1, $3, $4, $2)`,
        [api.projectId, file.digest, model, versionIds[0]],
      );
      expect(await objects.used()).toBe(before + 1000);
      const id = kind === 'BaseModel' ? model : versionIds[0]!;
      const freed = await deleteObject(api, kind, id);
      expect(freed.freedBytes).toBeGreaterThanOrEqual(1000);
      expect(await objects.used()).toBe(before + 1000 - freed.freedBytes!);
      expect(await api.dataSource.query('SELECT FROM kept_log_probabilities')).toEqual([]);
      expect(await api.store.has(file.digest)).toBe(false);
    },
  );
});
