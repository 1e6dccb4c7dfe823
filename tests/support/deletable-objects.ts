import { poolQuery } from '../../src/database/transaction.js';
import { parseGlobalId } from '../../src/graphql/global-id.js';
import { storageOfProjects } from '../../src/protocol/sql/project-quota.js';
import type { TestApi } from './api.js';
import { finishRun } from './every-kind.js';
import { insertBaseModel, insertDataset } from './rows.js';
import { createTestExperiment } from './runs.js';

/** Objects to delete, each with a name and files of its own, in the project of a test API. */
export function deletableObjects(api: TestApi) {
  let number = 0;
  const fresh = (what: string): string => `${what} ${number++}`;

  /** A dataset whose versions have files in the store. */
  async function storedDataset(versions = 1): Promise<{ id: string; versionIds: string[]; name: string }> {
    const name = fresh('data');
    const dataset = await insertDataset(api.dataSource, api.projectId, { name, versions });
    for (let i = 1; i <= versions; i += 1) await api.store.write(Buffer.from(`${name} ${i}`));
    return { ...dataset, name };
  }

  /** An experiment that has ended, its model, and what they are made from. */
  async function trained(given: { baseModel?: string; version?: string } = {}) {
    const name = fresh('experiment');
    const version = given.version ?? (await storedDataset()).versionIds[0]!;
    const baseModel =
      given.baseModel ?? (await insertBaseModel(api.dataSource, api.projectId, { name: fresh('base model') }));
    const experiment = await createTestExperiment(api, { name, baseModel, version });
    await finishRun(api.dataSource, experiment.runId);
    const heads = [{ kind: 'classification' as const, task: 'label', labels: ['ham', 'spam'] }];
    const model = await insertBaseModel(api.dataSource, api.projectId, {
      name: fresh('model'),
      producedByRunId: experiment.runId,
      heads,
    });
    return { name, version, baseModel, model, experiment: parseGlobalId(experiment.id)!.uuid, runId: experiment.runId };
  }

  async function exists(table: string, id: string): Promise<boolean> {
    const rows = await api.dataSource.query(`SELECT FROM ${table} WHERE id = $1`, [id]);
    return rows.length === 1;
  }

  /** Bytes that the project uses. */
  async function used(): Promise<number> {
    return (await storageOfProjects(poolQuery(api.dataSource), [api.projectId]))[0]?.bytes ?? 0;
  }

  return { fresh, storedDataset, trained, exists, used };
}
