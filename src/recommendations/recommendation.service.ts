import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../access/acting-viewer.js';
import { claimKey, findFirstResult } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import { type DatasetVersionRow, versionsByIds } from '../datasets/dataset.reads.js';
import type { PlanTrainings } from '../experiments/plan-trainings.js';
import { rowId } from '../graphql/global-id.js';
import { requestTransferCancel } from '../jobs/cancel-transfer.js';
import { enqueueJob } from '../jobs/enqueue-job.js';
import { type BaseModelRow, baseModelsByIds } from '../models/base-model.reads.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { licencePolicyOf } from '../projects/licences/licence-policy.reads.js';
import { judgeLicence } from '../protocol/licences/judge-licence.js';
import type { TrainingBudget } from '../protocol/recommendation/candidate.js';
import type { RecommendJob } from '../protocol/recommendation/recommend-job.js';
import type { Query } from '../protocol/sql/query.js';
import { divideModels, examplesToProbe, type KnownModel } from './models-to-measure.js';
import type { RecommendBaseModelsInput } from './recommendation.input.js';
import { bareModelsOf, modelsLearntFrom } from './recommendation.reads.js';

/**
 * Recommendations, as the graph's mutations use them. Throws ProblemsError for mistakes that the client can correct.
 */
export interface RecommendationService {
  /** Plans the trainings of each model, and queues their comparison. Returns its id. */
  recommend(input: RecommendBaseModelsInput): Promise<string>;
  cancel(recommendationId: string): Promise<void>;
}

const mostModels = 50;

export function createRecommendationService(options: {
  readonly dataSource: DataSource;
  readonly query: Query;
  readonly planTrainings: PlanTrainings;
}): RecommendationService {
  const { dataSource, query, planTrainings } = options;
  return {
    async recommend({ idempotencyKey, ...asked }) {
      const version = await versionOf(query, asked.datasetVersionId);
      const { projectId } = version;
      const request = { projectId, operation: 'recommendBaseModels', key: idempotencyKey ?? null, input: asked };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;
      requireHeads(asked);
      const budget = budgetOf(asked);
      const known = await knownModels(query, version, await modelsOf(query, projectId, asked));
      const taken = known.filter(({ verdict }) => verdict.decision !== 'DENY').map(({ model }) => model);
      const planned = await planTrainings(asked, version, taken);
      const divided = divideModels(known, planned);
      return inTransaction(dataSource, async (transaction) => {
        const id = randomUUID();
        const claimed = await claimKey(transaction.query, request, id);
        if (claimed !== id) return claimed;
        const payload: RecommendJob = {
          kind: 'recommend',
          recommendationId: id,
          datasetDigest: version.digest,
          ...divided,
          budget,
          probedExamples: examplesToProbe(planned),
        };
        await transaction.query(
          `INSERT INTO model_recommendations (id, project_id, dataset_version_id, request, status, created_by)
           VALUES ($1, $2, $3, $4, 'QUEUED', $5)`,
          [id, projectId, version.id, JSON.stringify(payload), actorId()],
        );
        await enqueueJob(transaction.query, { id, projectId, payload });
        return id;
      });
    },

    cancel: (id) =>
      inTransaction(dataSource, (transaction) =>
        requestTransferCancel(transaction.query, 'recommendation', id, ['recommendationId']),
      ),
  };
}

async function versionOf(query: Query, id: string): Promise<DatasetVersionRow> {
  const path = ['datasetVersionId'];
  const [version] = await versionsByIds(query, [rowId('DatasetVersion', id, path)]);
  if (version !== undefined) return version;
  throw new ProblemsError([problem(path, 'NOT_FOUND', 'There is no dataset version with this id.')]);
}

/** What a model is worth for texts that it is to write, no probe says. */
function requireHeads({ method }: RecommendBaseModelsInput): void {
  const field = method.languageModelling != null ? 'languageModelling' : 'instructionTuning';
  if (method[field] == null) return;
  const message = 'Models are compared by what a head reads of them, and this method trains none.';
  const hint = 'Compare language models by `evaluate` on a sample: it tells the bits that each needs for a byte.';
  throw new ProblemsError([problem(['method', field], 'INVALID_VALUE', message, hint)]);
}

function budgetOf({ budget }: RecommendBaseModelsInput): TrainingBudget {
  const [memoryBytes, seconds] = [budget?.memoryBytes ?? null, budget?.seconds ?? null];
  const problems: InputProblem[] = [];
  if (memoryBytes !== null && memoryBytes < 1) {
    problems.push(problem(['budget', 'memoryBytes'], 'INVALID_VALUE', 'A training takes at least one byte.'));
  }
  if (seconds !== null && !(seconds > 0)) {
    problems.push(problem(['budget', 'seconds'], 'INVALID_VALUE', 'A training takes more than no time.'));
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  return { memoryBytes, seconds };
}

async function modelsOf(
  query: Query,
  projectId: string,
  { baseModelIds: named }: RecommendBaseModelsInput,
): Promise<BaseModelRow[]> {
  if (named != null) checkNamed(named);
  const ids = named?.map((id, i) => rowId('BaseModel', id, ['baseModelIds', String(i)]));
  const rows = await baseModelsByIds(query, ids ?? (await bareModelsOf(query, projectId, mostModels)));
  const models = rows.filter((row) => row.projectId === projectId);
  const missing = (ids ?? []).flatMap((id, i) =>
    models.some((model) => model.id === id)
      ? []
      : [problem(['baseModelIds', String(i)], 'NOT_FOUND', 'There is no base model with this id in the project.')],
  );
  if (missing.length > 0) throw new ProblemsError(missing);
  if (models.length > 0) return models.sort((a, b) => (a.id < b.id ? -1 : 1));
  const message = 'The project has no base model that no experiment has made.';
  throw new ProblemsError([
    problem(['baseModelIds'], 'REQUIRED', message, 'Import one by `importBaseModel`, or name models.'),
  ]);
}

async function knownModels(
  query: Query,
  { projectId, datasetId }: DatasetVersionRow,
  models: readonly BaseModelRow[],
): Promise<KnownModel[]> {
  const policy = await licencePolicyOf(query, projectId);
  const learnt = await modelsLearntFrom(
    query,
    datasetId,
    models.map(({ id }) => id),
  );
  return models.map((model) => ({
    model,
    verdict: judgeLicence(model.licence, policy),
    isLearntFromDataset: learnt.has(model.id),
  }));
}

function checkNamed(named: readonly string[]): void {
  const path = ['baseModelIds'];
  if (named.length === 0 || named.length > mostModels) {
    throw new ProblemsError([problem(path, 'INVALID_VALUE', `Name 1 to ${mostModels} models.`)]);
  }
  const repeated = named.findIndex((id, i) => named.indexOf(id) !== i);
  if (repeated === -1) return;
  throw new ProblemsError([problem([...path, String(repeated)], 'INVALID_VALUE', 'The model is named twice.')]);
}
