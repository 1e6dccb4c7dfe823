import type { TypeWithId } from '../graphql/global-id.js';
import type { Query } from '../protocol/sql/query.js';

/** By type: the name and the project of the row $1. Null: objects of the type have no name. */
const named: Readonly<Record<TypeWithId, string | null>> = {
  Project: 'SELECT slug AS name, id AS project FROM projects WHERE id = $1',
  Dataset: 'SELECT name, project_id AS project FROM datasets WHERE id = $1',
  DatasetVersion: `SELECT d.name || ', version ' || v.number AS name, d.project_id AS project
    FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id WHERE v.id = $1`,
  Upload: 'SELECT file_name AS name, project_id AS project FROM uploads WHERE id = $1',
  BaseModel: 'SELECT name, project_id AS project FROM base_models WHERE id = $1',
  ModelAlias: 'SELECT name, project_id AS project FROM model_aliases WHERE id = $1',
  Experiment: 'SELECT name, project_id AS project FROM experiments WHERE id = $1',
  Checkpoint: null,
  Evaluation: `SELECT m.name || ' on ' || v.split AS name, v.project_id AS project
    FROM evaluations v JOIN base_models m ON m.id = v.base_model_id WHERE v.id = $1`,
  Generation: null,
  FeedbackTask: 'SELECT name, project_id AS project FROM feedback_tasks WHERE id = $1',
  FeedbackLoop: 'SELECT name, project_id AS project FROM feedback_loops WHERE id = $1',
  FeedbackItem: `SELECT t.name || ', item ' || i.position AS name, t.project_id AS project
    FROM feedback_items i JOIN feedback_tasks t ON t.id = i.task_id WHERE i.id = $1`,
  FeedbackClaim: null,
  FeedbackAnswer: null,
  RecordedFeedback: null,
  ScoredSamples: `SELECT m.name || ', ' || (s.request #>> '{settings,samples}') || ' samples' AS name, s.project_id AS project
    FROM scored_samples s JOIN base_models m ON m.id = s.base_model_id WHERE s.id = $1`,
  BatchPrediction: 'SELECT file_name AS name, project_id AS project FROM batch_predictions WHERE id = $1',
  Preparation: null,
  DatasetReport: null,
  DatasetExport: 'SELECT name, project_id AS project FROM dataset_exports WHERE id = $1',
  ModelRecommendation: null,
  ModelImport: 'SELECT name, project_id AS project FROM model_imports WHERE id = $1',
  ModelExport: `SELECT m.name || ' as ' || x.format AS name, x.project_id AS project
    FROM model_exports x JOIN base_models m ON m.id = x.base_model_id WHERE x.id = $1`,
  Webhook: 'SELECT url AS name, project_id AS project FROM webhooks WHERE id = $1',
  WebhookDelivery: `SELECT w.url AS name, w.project_id AS project
    FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE d.id = $1`,
  Worker: null,
  Viewer: null,
  User: `SELECT u.name, m.project_id AS project
    FROM users u LEFT JOIN members m ON m.user_id = u.id AND m.project_id = $2 WHERE u.id = $1`,
  Member: `SELECT u.name, m.project_id AS project FROM members m JOIN users u ON u.id = m.user_id WHERE m.id = $1`,
  ApiKey: 'SELECT name, project_id AS project FROM api_keys WHERE id = $1',
  Session: null,
};

interface NamedRow {
  readonly name: string;
  /** Null: it belongs to no project, or to several. */
  readonly projectId: string | null;
}

/**
 * What an object is called at this moment, and its project. Null: it has no name, does not exist, or belongs to another
 * project than `projectId`, where that is not null.
 */
export async function namedRow(
  query: Query,
  type: TypeWithId,
  id: string,
  projectId: string | null,
): Promise<NamedRow | null> {
  const select = named[type];
  if (select === null) return null;
  const [row] = await query<NamedRow>(
    `SELECT name, project AS "projectId" FROM (${select}) AS target WHERE $2::uuid IS NULL OR project = $2`,
    [id, projectId],
  );
  return row ?? null;
}
