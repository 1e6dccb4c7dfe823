import type { TestApi } from './api.js';
import { ids, insertBaseModel, insertDataset } from './rows.js';
import type { TestExperiment } from './runs.js';

/** Experiments on one model and one dataset version, and a query that compares them. */
export interface Compared {
  readonly baseModel: string;
  readonly version: string;
  /** Creates an experiment whose run started at the beginning of 2026. */
  create(name: string, hyperparameters?: Record<string, unknown>): Promise<TestExperiment>;
  compare<Comparison>(experimentIds: readonly string[], selection: string): Promise<Comparison>;
}

export async function prepareCompared(api: TestApi): Promise<Compared> {
  const baseModel = await insertBaseModel(api.dataSource, api.projectId, { name: 'tiny' });
  const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'mails' });
  const version = versionIds[0]!;
  return {
    baseModel,
    version,
    async create(name, hyperparameters = {}) {
      const { createExperiment } = await api.request<{ createExperiment: { id: string } }>(
        /* GraphQL */ `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ... on Experiment { id } } }`,
        {
          input: {
            name,
            baseModelId: ids.baseModel(baseModel),
            datasetVersionId: ids.version(version),
            method: { supervised: { textColumn: 'text', labelColumn: 'label' } },
            hyperparameters,
          },
        },
      );
      await api.dataSource.query(
        `UPDATE runs r SET started_at = '2026-01-01T00:00:00Z' FROM experiments e WHERE e.id = r.experiment_id AND e.name = $1`,
        [name],
      );
      const [run] = await api.dataSource.query(
        'SELECT r.id FROM runs r JOIN experiments e ON e.id = r.experiment_id WHERE e.name = $1',
        [name],
      );
      return { id: createExperiment.id, runId: run.id };
    },
    async compare<Comparison>(experimentIds: readonly string[], selection: string) {
      const { compareExperiments } = await api.request<{ compareExperiments: Comparison }>(
        `query ($ids: [ID!]!) { compareExperiments(ids: $ids) {
          ... on ExperimentComparison { ${selection} } ... on Problems { problems { path code message } } } }`,
        { ids: experimentIds },
      );
      return compareExperiments;
    },
  };
}
