import type { ChildList } from '../../database/child-pages.js';
import { versionsFromVersion } from '../../datasets/dataset.reads.js';
import type { Query } from '../../protocol/sql/query.js';
import { feedbackTasksOfProject } from '../feedback-task.reads.js';

/** Versions that were made of a task's answers. */
export const versionsFromFeedback: ChildList = {
  ...versionsFromVersion,
  from: `(SELECT DISTINCT dataset_version_id, task_id FROM dataset_version_feedback) s
    JOIN dataset_versions v ON v.id = s.dataset_version_id JOIN datasets d ON d.id = v.dataset_id`,
  parent: { column: 's.task_id', type: 'uuid' },
};

/** Tasks with items that were made of a version's rows. */
export const feedbackTasksOfVersion: ChildList = {
  ...feedbackTasksOfProject,
  from: 'feedback_task_versions l JOIN feedback_tasks t ON t.id = l.task_id',
  parent: { column: 'l.dataset_version_id', type: 'uuid' },
};

/** Tasks in which answers of a model are judged. */
export const feedbackTasksOfModel: ChildList = {
  ...feedbackTasksOfProject,
  from: 'feedback_task_models l JOIN feedback_tasks t ON t.id = l.task_id',
  parent: { column: 'l.base_model_id', type: 'uuid' },
};

/** A task whose answers became rows of a version. */
export interface ReadTaskRow {
  readonly versionId: string;
  /** Of the source among those of the version. */
  readonly position: number;
  /** Null: it was deleted since. */
  readonly taskId: string | null;
  readonly name: string;
  readonly seq: number;
  /** Counts the tasks of the source from 0. */
  readonly place: number;
  /** Null: the version is older than what is kept of it. */
  readonly peopleCount: number | null;
  /** Of the version. */
  readonly projectId: string;
}

/** The tasks whose answers became rows of versions, in the order of the rows. */
export function readTasksOfVersions(query: Query, versionIds: readonly string[]): Promise<ReadTaskRow[]> {
  return query(
    `SELECT f.dataset_version_id AS "versionId", f.position, f.task_id AS "taskId", f.task_name AS name,
            f.last_seq::float8 AS seq, f.place, f.people_count AS "peopleCount", d.project_id AS "projectId"
       FROM dataset_version_feedback f JOIN dataset_versions v ON v.id = f.dataset_version_id
            JOIN datasets d ON d.id = v.dataset_id
      WHERE f.dataset_version_id = ANY($1::uuid[]) ORDER BY f.dataset_version_id, f.position, f.place`,
    [versionIds],
  );
}

/** A person whose answers became rows of a version. */
export interface ReadPersonRow {
  readonly versionId: string;
  readonly position: number;
  readonly place: number;
  readonly userId: string;
  readonly answers: number;
}

/** People of a task that are read: beyond them the number of all is known. */
export const shownPeople = 100;

/** The people whose answers became rows of versions: of each task those with most answers first, so many at most. */
export function readPeopleOfVersions(query: Query, versionIds: readonly string[]): Promise<ReadPersonRow[]> {
  return query(
    `SELECT p.dataset_version_id AS "versionId", p.position, p.place, p.user_id AS "userId",
            p.answer_count::float8 AS answers
       FROM dataset_version_feedback f CROSS JOIN LATERAL (
              SELECT * FROM dataset_version_people p
               WHERE p.dataset_version_id = f.dataset_version_id AND p.position = f.position AND p.place = f.place
               ORDER BY p.answer_count DESC, p.user_id LIMIT ${shownPeople}) AS p
      WHERE f.dataset_version_id = ANY($1::uuid[])
      ORDER BY p.dataset_version_id, p.position, p.place, p.answer_count DESC, p.user_id`,
    [versionIds],
  );
}
