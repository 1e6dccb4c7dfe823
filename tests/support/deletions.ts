import { globalId, type TypeWithId } from '../../src/graphql/global-id.js';
import type { TestApi } from './api.js';

/** Deletions through the API. */

export interface DeletionAnswer {
  readonly kind?: string;
  readonly objectId?: string;
  readonly name?: string;
  readonly isDryRun?: boolean;
  readonly counts?: readonly { readonly kind: string; readonly count: number }[];
  readonly freedBytes?: number;
  readonly objectIds?: readonly string[];
  readonly problems?: readonly {
    readonly path: readonly string[];
    readonly code: string;
    readonly usedBy: readonly { readonly kind: string; readonly objectId: string; readonly name: string }[];
  }[];
}

const mutations = {
  Dataset: ['deleteDataset', 'DeleteDatasetInput', 'datasetId'],
  DatasetVersion: ['deleteDatasetVersion', 'DeleteDatasetVersionInput', 'datasetVersionId'],
  BaseModel: ['deleteModel', 'DeleteModelInput', 'modelId'],
  Experiment: ['deleteExperiment', 'DeleteExperimentInput', 'experimentId'],
  Evaluation: ['deleteEvaluation', 'DeleteEvaluationInput', 'evaluationId'],
  BatchPrediction: ['deleteBatchPrediction', 'DeleteBatchPredictionInput', 'batchPredictionId'],
  ScoredSamples: ['deleteScoredSamples', 'DeleteScoredSamplesInput', 'samplesId'],
  ModelImport: ['deleteModelImport', 'DeleteModelImportInput', 'importId'],
  ModelExport: ['deleteModelExport', 'DeleteModelExportInput', 'exportId'],
  User: ['deleteUser', 'DeleteUserInput', 'userId'],
} as const satisfies Partial<Record<TypeWithId, readonly [string, string, string]>>;
export type Deletable = keyof typeof mutations;

async function send(
  api: Pick<TestApi, 'send'>,
  mutation: string,
  inputType: string,
  input: Record<string, unknown>,
  key?: string,
): Promise<DeletionAnswer> {
  const { body } = await api.send<Record<string, DeletionAnswer>>(
    /* GraphQL */ `mutation ($input: ${inputType}!) { ${mutation}(input: $input) {
      ... on Deletion { kind objectId name isDryRun counts { kind count } freedBytes objectIds }
      ... on Problems { problems { path code usedBy { kind objectId name } } } } }`,
    { input },
    key,
  );
  const answer = body.data?.[mutation];
  if (answer === undefined) throw new Error(JSON.stringify(body.errors));
  return answer;
}

/** @param uuid row id of the object */
export function deleteObject(
  api: Pick<TestApi, 'send'>,
  type: Deletable,
  uuid: string,
  how: { readonly cascade?: boolean; readonly dryRun?: boolean } = {},
  key?: string,
): Promise<DeletionAnswer> {
  const [mutation, inputType, field] = mutations[type];
  return send(api, mutation, inputType, { [field]: globalId(type, uuid), ...how }, key);
}

export function deleteProject(
  api: Pick<TestApi, 'send'>,
  input: { readonly projectSlug: string; readonly cascade?: boolean; readonly dryRun?: boolean },
  key?: string,
): Promise<DeletionAnswer> {
  return send(api, 'deleteProject', 'DeleteProjectInput', input, key);
}

/** The counts by kind. */
export function countsIn({ counts }: DeletionAnswer): Record<string, number> {
  return Object.fromEntries((counts ?? []).map(({ kind, count }) => [kind, count]));
}
