import DataLoader from 'dataloader';
import type { TypeWithId } from '../graphql/global-id.js';
import type { Query } from '../protocol/sql/query.js';

const ofProject = (table: string): string => `SELECT id, project_id AS "projectId" FROM ${table} WHERE id = ANY($1)`;

const ofFeedbackTask = (table: string): string =>
  `SELECT o.id, t.project_id AS "projectId" FROM ${table} o JOIN feedback_tasks t ON t.id = o.task_id WHERE o.id = ANY($1)`;

/** For each type of object that belongs to a project, the statement that finds the project. */
const statements = {
  Project: 'SELECT id, id AS "projectId" FROM projects WHERE id = ANY($1)',
  Dataset: ofProject('datasets'),
  DatasetVersion: `SELECT v.id, d.project_id AS "projectId" FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id
    WHERE v.id = ANY($1)`,
  Upload: ofProject('uploads'),
  BaseModel: ofProject('base_models'),
  ModelAlias: ofProject('model_aliases'),
  Experiment: ofProject('experiments'),
  Evaluation: ofProject('evaluations'),
  Generation: ofProject('generations'),
  FeedbackTask: ofProject('feedback_tasks'),
  FeedbackLoop: ofProject('feedback_loops'),
  FeedbackItem: ofFeedbackTask('feedback_items'),
  FeedbackClaim: ofFeedbackTask('feedback_claims'),
  FeedbackAnswer: ofFeedbackTask('feedback_answers'),
  RecordedFeedback: ofProject('recorded_feedback'),
  BatchPrediction: ofProject('batch_predictions'),
  ScoredSamples: ofProject('scored_samples'),
  Preparation: ofProject('preparations'),
  DatasetReport: ofProject('dataset_reports'),
  DatasetExport: ofProject('dataset_exports'),
  ModelRecommendation: ofProject('model_recommendations'),
  ModelImport: ofProject('model_imports'),
  ModelExport: ofProject('model_exports'),
  // Only keys that open a single project.
  ApiKey: 'SELECT id, project_id AS "projectId" FROM api_keys WHERE id = ANY($1) AND project_id IS NOT NULL',
  Member: ofProject('members'),
  Webhook: ofProject('webhooks'),
  WebhookDelivery: `SELECT d.id, w.project_id AS "projectId" FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
    WHERE d.id = ANY($1)`,
} as const satisfies Partial<Record<TypeWithId, string>>;

export type TypeOfProject = keyof typeof statements;

/** The project of each object, by row id; ids of objects that don't exist are left out. */
async function projectsOf(
  query: Query,
  type: TypeOfProject,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await query<{ id: string; projectId: string }>(statements[type], [ids]);
  return new Map(rows.map(({ id, projectId }) => [id, projectId]));
}

/** One loader for each type: from an object's row id to its project's id, null when the object does not exist. */
export function projectOfLoaders(query: Query): Readonly<Record<TypeOfProject, DataLoader<string, string | null>>> {
  const loaderOf = (type: TypeOfProject) =>
    new DataLoader<string, string | null>(async (ids) => {
      const found = await projectsOf(query, type, ids);
      return ids.map((id) => found.get(id) ?? null);
    });
  const types = Object.keys(statements) as TypeOfProject[];
  return Object.fromEntries(types.map((type) => [type, loaderOf(type)])) as Record<
    TypeOfProject,
    DataLoader<string, string | null>
  >;
}

/** From the row id of an object that was deleted by request to the id of its project; null: none was. */
export function projectOfDeletedLoader(query: Query): DataLoader<string, string | null> {
  return new DataLoader(async (ids) => {
    const rows = await query<{ id: string; projectId: string }>(
      'SELECT object_id AS id, project_id AS "projectId" FROM deletions WHERE object_id = ANY($1)',
      [ids],
    );
    const projects = new Map(rows.map(({ id, projectId }) => [id, projectId]));
    return ids.map((id) => projects.get(id) ?? null);
  });
}

/** From a project's row id to its slug; null when the project does not exist. */
export function slugOfProjectLoader(query: Query): DataLoader<string, string | null> {
  return new DataLoader(async (ids) => {
    const rows = await query<{ id: string; slug: string }>('SELECT id, slug FROM projects WHERE id = ANY($1)', [ids]);
    const slugs = new Map(rows.map(({ id, slug }) => [id, slug]));
    return ids.map((id) => slugs.get(id) ?? null);
  });
}
