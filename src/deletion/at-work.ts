import { globalId } from '../graphql/global-id.js';
import type { ObjectRow } from '../graphql/object-kinds.js';
import { terminalRunStatuses } from '../protocol/run-status.js';
import type { Query } from '../protocol/sql/query.js';

/** What a preparation `p` makes is called; where it makes no dataset, the first file that it reads. */
export const nameOfPreparation = `coalesce(p.target ->> 'name',
  (SELECT name FROM datasets WHERE id = (p.target ->> 'datasetId')::uuid), p.sources -> 0 ->> 'fileName', 'rows')`;

/**
 * What is still at work of the objects, by their row ids: experiments, imports, exports, batch predictions and batches
 * of samples that have not ended, evaluations that a worker has, and feedback loops that have not ended. What has not
 * ended and reads one of the versions or models: preparations (also those that make one of the datasets), reports,
 * recommendations, the making of items of feedback tasks, and evaluations whose reference is one of the models.
 * An evaluation that waits is not among them where it is itself to go, since its job can go with it. With `lock`, jobs
 * of waiting evaluations are locked, so that no worker takes one before the transaction ends.
 */
export async function atWork(
  query: Query,
  ids: readonly string[],
  { lock }: { readonly lock: boolean },
): Promise<readonly ObjectRow[]> {
  const ongoing = await query<ObjectRow>(
    // What names models by their digests can read any model of the project that has the same files.
    `WITH named AS (
       SELECT jsonb_build_object('ids', to_jsonb($1::uuid[]), 'digests', coalesce(jsonb_agg(m.digest), '[]')) AS models
         FROM base_models m
        WHERE m.id = ANY($1::uuid[])
          AND NOT EXISTS (SELECT FROM base_models o
                           WHERE o.project_id = m.project_id AND o.digest = m.digest AND o.id <> ALL($1::uuid[]))
     )
     SELECT 'Experiment' AS kind, e.id, e.name FROM experiments e JOIN runs r ON r.experiment_id = e.id
      WHERE e.id = ANY($1::uuid[]) AND r.status <> ALL($2)
     UNION ALL
     SELECT 'ModelImport', i.id, i.name FROM model_imports i
      WHERE i.id = ANY($1::uuid[]) AND i.status IN ('QUEUED', 'RUNNING')
     UNION ALL
     SELECT 'ModelExport', x.id, m.name || ' as ' || x.format FROM model_exports x JOIN base_models m ON m.id = x.base_model_id
      WHERE x.id = ANY($1::uuid[]) AND x.status IN ('QUEUED', 'RUNNING')
     UNION ALL
     SELECT 'BatchPrediction', b.id, b.file_name FROM batch_predictions b
      WHERE b.id = ANY($1::uuid[]) AND b.status IN ('QUEUED', 'RUNNING')
     UNION ALL
     SELECT 'ScoredSamples', s.id, m.name || ', ' || (s.request #>> '{settings,samples}') || ' samples'
       FROM scored_samples s JOIN base_models m ON m.id = s.base_model_id
      WHERE s.id = ANY($1::uuid[]) AND s.status IN ('QUEUED', 'RUNNING')
     UNION ALL
     SELECT 'DatasetExport', x.id, x.name FROM dataset_exports x
      WHERE x.id = ANY($1::uuid[]) AND x.status IN ('QUEUED', 'RUNNING')
     UNION ALL
     SELECT 'FeedbackLoop', l.id, l.name FROM feedback_loops l WHERE l.id = ANY($1::uuid[]) AND l.status <> 'ENDED'
     UNION ALL
     SELECT 'DatasetReport', r.id, d.name || ' v' || v.number
       FROM dataset_reports r JOIN dataset_versions v ON v.id = r.dataset_version_id JOIN datasets d ON d.id = v.dataset_id
      WHERE r.status IN ('QUEUED', 'RUNNING')
        AND (r.dataset_version_id = ANY($1::uuid[]) OR r.compared_with_id = ANY($1::uuid[])
             OR d.id <> ALL($1::uuid[])
                AND jsonb_path_exists(r.request, '$ ? (@.modelDigest == $digests[*] || @.featureModel.modelId == $ids[*])',
                                      (SELECT models FROM named)))
     UNION ALL
     SELECT 'FeedbackTask', t.id, t.name FROM feedback_item_sources s JOIN feedback_tasks t ON t.id = s.task_id
      WHERE s.status IN ('QUEUED', 'RUNNING') AND t.id <> ALL($1::uuid[])
        AND jsonb_path_exists(s.request, '$ ? (@.versionId == $ids[*] || @.from.modelId == $ids[*]
                                               || @.from.variants[*].modelId == $ids[*]
                                               || @.ranking.models[*].modelId == $ids[*])', (SELECT models FROM named))
     UNION ALL
     SELECT 'Evaluation', v.id, m.name || ' on ' || v.split FROM evaluations v JOIN base_models m ON m.id = v.base_model_id
      WHERE v.id <> ALL($1::uuid[]) AND v.status IN ('QUEUED', 'RUNNING')
        AND (SELECT models -> 'digests' FROM named) ? (v.preference_reading ->> 'referenceDigest')
     UNION ALL
     SELECT 'ModelRecommendation', r.id, d.name || ' v' || v.number
       FROM model_recommendations r JOIN dataset_versions v ON v.id = r.dataset_version_id JOIN datasets d ON d.id = v.dataset_id
      WHERE r.dataset_version_id = ANY($1::uuid[]) AND r.status IN ('QUEUED', 'RUNNING')
     UNION ALL
     SELECT 'Preparation', p.id, ${nameOfPreparation} FROM preparations p
      WHERE p.status IN ('QUEUED', 'RUNNING')
        AND (p.id = ANY($1::uuid[]) OR p.target ->> 'datasetId' = ANY($1::text[])
             OR EXISTS (SELECT FROM jsonb_array_elements(p.sources) AS s WHERE s ->> 'versionId' = ANY($1::text[]))
             OR jsonb_path_exists(p.recipe, '$[*] ? (@.model == $digests[*] || @.methods[*].modelDigest == $digests[*]
                                                     || @.change.methods[*].modelDigest == $digests[*])',
                                  (SELECT models FROM named))
             OR EXISTS (SELECT FROM jobs j, jsonb_array_elements(j.payload -> 'namedVersions') AS n
                         WHERE j.preparation_id = p.id AND n ->> 'datasetVersionId' = ANY($3::text[])))`,
    [ids, terminalRunStatuses, ids.map((id) => globalId('DatasetVersion', id))],
  );
  const evaluations = await query<ObjectRow>(
    `SELECT 'Evaluation' AS kind, v.id, m.name || ' on ' || v.split AS name
       FROM evaluations v JOIN base_models m ON m.id = v.base_model_id JOIN jobs j ON j.evaluation_id = v.id
      WHERE v.id = ANY($1::uuid[]) AND v.status IN ('QUEUED', 'RUNNING')`,
    [ids],
  );
  // A worker that claims a job holds it, and waits for the evaluation, which may be locked here: it is not waited for.
  const waiting = await query<{ id: string }>(
    `SELECT evaluation_id AS id FROM jobs
      WHERE evaluation_id = ANY($1::uuid[]) AND state <> 'claimed' ${lock ? 'ORDER BY id FOR UPDATE SKIP LOCKED' : ''}`,
    [evaluations.map(({ id }) => id)],
  );
  const isWaiting = new Set(waiting.map(({ id }) => id));
  return [...ongoing, ...evaluations.filter(({ id }) => !isWaiting.has(id))];
}
