import type { ChildList } from '../../database/child-pages.js';
import { newestFirst } from '../../database/newest-first.js';
import { versionsFromVersion } from '../../datasets/dataset.reads.js';
import type { FeedbackItemContent, FeedbackQuestion, FeedbackValue } from '../../protocol/feedback.js';
import type { GenerationSettings } from '../../protocol/generation.js';
import type { Query } from '../../protocol/sql/query.js';

/** What recorded feedback is about, besides what was shown. */
export type RecordedTarget =
  | {
      readonly kind: 'answer';
      /** The model's name at that time; it may be gone later. */
      readonly modelName: string;
      /** Places of the prompt, and of the answer to it, from 0. */
      readonly prompt: number;
      readonly sample: number;
      readonly settings: GenerationSettings;
    }
  | {
      readonly kind: 'prediction';
      readonly modelName: string;
      /** Name of the head. */
      readonly task: string;
      /** The second text, of a model that reads pairs. */
      readonly pair: string | null;
      /** Null: heads of other kinds than labels, or the application did not say. */
      readonly labels: readonly string[] | null;
      readonly shown: string | null;
      readonly probability: number | null;
    };

export interface RecordedFeedbackRow {
  readonly id: string;
  readonly projectId: string;
  /** Null: the model is gone. */
  readonly baseModelId: string | null;
  readonly generationId: string | null;
  readonly target: RecordedTarget;
  readonly content: FeedbackItemContent;
  readonly question: FeedbackQuestion;
  readonly value: FeedbackValue;
  readonly comment: string | null;
  readonly subject: string | null;
  readonly createdBy: string | null;
  readonly createdAt: Date;
}

const columns = `f.id, f.project_id AS "projectId", f.base_model_id AS "baseModelId", f.generation_id AS "generationId",
  f.target, f.content, f.question, f.value, f.comment, f.subject, f.user_id AS "createdBy",
  f.created_at AS "createdAt"`;

export function recordedFeedbackByIds(query: Query, ids: readonly string[]): Promise<RecordedFeedbackRow[]> {
  return query(`SELECT ${columns} FROM recorded_feedback f WHERE f.id = ANY($1::uuid[])`, [ids]);
}

const list = { key: 'f.id', select: columns, from: 'recorded_feedback f', ...newestFirst('f') } as const;

export const recordedFeedbackOfProject: ChildList = { ...list, parent: { column: 'f.project_id', type: 'uuid' } };

export const recordedFeedbackOfModel: ChildList = { ...list, parent: { column: 'f.base_model_id', type: 'uuid' } };

/** Dataset versions that were made of feedback about a model. */
export const versionsFromRecorded: ChildList = {
  ...versionsFromVersion,
  from: `(SELECT DISTINCT s.dataset_version_id, (model ->> 'modelId')::uuid AS base_model_id
            FROM dataset_version_sources s, jsonb_array_elements(s.feedback #> '{recorded,models}') AS model
           WHERE s.kind = 'feedback') s
    JOIN dataset_versions v ON v.id = s.dataset_version_id JOIN datasets d ON d.id = v.dataset_id`,
  parent: { column: 's.base_model_id', type: 'uuid' },
};

/** How much feedback of each kind a model has. */
export interface RecordedCountsRow {
  readonly modelId: string;
  readonly count: number;
  readonly thumbsUp: number;
  readonly thumbsDown: number;
  readonly scores: number;
  readonly corrected: number;
  readonly betterAnswers: number;
}

/** Models without feedback are left out. */
export function countsOfModels(query: Query, modelIds: readonly string[]): Promise<RecordedCountsRow[]> {
  return query(
    `SELECT base_model_id AS "modelId", count(*)::float8 AS count,
            (count(*) FILTER (WHERE value ->> 'kind' = 'thumbs' AND (value -> 'up')::boolean))::float8 AS "thumbsUp",
            (count(*) FILTER (WHERE value ->> 'kind' = 'thumbs' AND NOT (value -> 'up')::boolean))::float8 AS "thumbsDown",
            (count(*) FILTER (WHERE value ->> 'kind' = 'rating'))::float8 AS scores,
            (count(*) FILTER (WHERE value ->> 'kind' = 'labels'))::float8 AS corrected,
            (count(*) FILTER (WHERE value ->> 'kind' = 'correction'))::float8 AS "betterAnswers"
       FROM recorded_feedback WHERE base_model_id = ANY($1::uuid[]) GROUP BY base_model_id`,
    [modelIds],
  );
}
