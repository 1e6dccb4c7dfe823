import type { DataSource } from 'typeorm';
import { findFirstResult, orFirstResult } from '../../access/idempotency.js';
import { checkTarget } from '../../datasets/preparation/dataset-versions.js';
import type { MadeVersion } from '../../datasets/preparation/preparation-target.js';
import type { PreparationRequest, Preparations } from '../../datasets/preparation/preparations.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { type SplitRequest, usualSplit } from '../../protocol/datasets/split-request.js';
import type { FeedbackDatasetRules } from '../../protocol/feedback/dataset-rules.js';
import type { Query } from '../../protocol/sql/query.js';
import type { ArtifactStore } from '../../storage/artifact-store.js';
import { type FeedbackTaskRow, feedbackTasksByIds } from '../feedback-task.reads.js';
import type { StatisticsThreads } from '../results/statistics-threads.js';
import { checkAlike, checkRules } from './check-rules.js';
import { groupColumn } from './row-form.js';
import { feedbackColumns, writeFeedbackRows } from './write-feedback-rows.js';

const mostTasks = 20;

/** What is to be made of which answers. Ids are those of rows. */
export interface FeedbackDatasetRequest {
  readonly projectId: string;
  readonly taskIds: readonly string[];
  readonly target: MadeVersion;
  readonly rules: FeedbackDatasetRules;
  /** The splits and their shares. */
  readonly fractions: readonly { readonly name: string; readonly fraction: number }[];
  readonly seed: number;
  /**
   * Where the rows of the answers all become one split: which one, and the version, by row id, whose rows come before
   * them and keep their splits; null: none. Default: `fractions` divide the rows.
   */
  readonly joined?: { readonly split: string; readonly versionId: string | null } | null;
  readonly idempotencyKey: string | null;
  /** What the client sent, for the key. */
  readonly input: unknown;
}

/** Dataset versions of what people answered. */
export interface FeedbackDatasetService {
  /**
   * Queues the making of a version; returns the id of the preparation.
   * @throws ProblemsError for what the client can correct; NO_ROWS_LEFT where nothing remains under the rules
   */
  create(request: FeedbackDatasetRequest): Promise<string>;
}

export function createFeedbackDatasetService(options: {
  readonly dataSource: DataSource;
  readonly query: Query;
  readonly store: ArtifactStore;
  readonly preparations: Pick<Preparations, 'start'>;
  readonly threads: StatisticsThreads;
}): FeedbackDatasetService {
  const { dataSource, query, store, preparations, threads } = options;
  return {
    async create({ projectId, taskIds, target, rules, fractions, seed, joined = null, idempotencyKey, input }) {
      const idempotent = { projectId, operation: 'createDatasetFromFeedback', key: idempotencyKey, input };
      const first = await findFirstResult(query, idempotent);
      if (first !== null) return first;
      const tasks = await tasksOf(query, projectId, taskIds);
      const { question } = tasks[0]!;
      const wrong = [...checkAlike(tasks.map((task) => task.question)), ...checkRules(question, rules)];
      if (wrong.length > 0) throw new ProblemsError(wrong);
      const columns = await feedbackColumns(query, question, taskIds, rules);
      // Whatever else two rows have in common: those about one prompt are never in two splits.
      const split: SplitRequest = {
        ...usualSplit,
        fractions: [...fractions],
        seed,
        keepTogether: [groupColumn],
      };
      const request: PreparationRequest = {
        idempotent,
        target,
        sources: [
          ...(joined?.versionId == null
            ? []
            : [{ kind: 'version' as const, datasetVersionId: joined.versionId, split: null }]),
          {
            kind: 'feedback',
            write: () => writeFeedbackRows({ dataSource, store, threads }, taskIds, rules, joined?.split ?? null),
          },
        ],
        recipe: [],
        split: joined === null ? split : null,
        textNames: null,
        roles: columns.map(({ name, role }) => ({ column: name, role })),
        check: () => checkTarget(query, projectId, target),
      };
      return orFirstResult(query, idempotent, () => preparations.start(request));
    },
  };
}

/** @throws ProblemsError for ids that are none of the project's tasks, or named twice */
async function tasksOf(query: Query, projectId: string, ids: readonly string[]): Promise<readonly FeedbackTaskRow[]> {
  const path = ['taskIds'];
  if (ids.length === 0 || ids.length > mostTasks) {
    const message = `There must be 1 to ${mostTasks} tasks, not ${ids.length}.`;
    throw new ProblemsError([problem(path, ids.length === 0 ? 'REQUIRED' : 'TOO_LONG', message)]);
  }
  const found = new Map((await feedbackTasksByIds(query, ids)).map((task) => [task.id, task]));
  const problems: InputProblem[] = [];
  const tasks = ids.flatMap((id, i): FeedbackTaskRow[] => {
    const at = [...path, String(i)];
    const task = found.get(id);
    if (ids.indexOf(id) < i) problems.push(problem(at, 'INVALID_VALUE', 'The task is named already.'));
    else if (task !== undefined && task.projectId === projectId) return [task];
    else problems.push(problem(at, 'NOT_FOUND', 'The project has no feedback task with this id.'));
    return [];
  });
  if (problems.length > 0) throw new ProblemsError(problems);
  return tasks;
}
