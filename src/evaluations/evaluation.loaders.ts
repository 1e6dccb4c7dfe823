import { createKeyLoader, createListLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import type { Query } from '../protocol/sql/query.js';
import {
  type EvaluationOfRun,
  type EvaluationRow,
  evaluationsByIds,
  evaluationsOfModel,
  evaluationsOfProject,
  evaluationsOfRun,
  evaluationsOnVersion,
  newestEvaluationsOfRuns,
} from './evaluation.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly evaluations: ReturnType<typeof createEvaluationLoaders>;
  }
  interface LiveFeeds {
    /** An evaluation as it is now, then after each change, until it has ended. */
    evaluation(evaluationId: string): AsyncIterable<EvaluationRow>;
  }
}

export function createEvaluationLoaders(query: Query) {
  return {
    byId: createKeyLoader<EvaluationRow>(
      (ids) => evaluationsByIds(query, ids),
      (row) => row.id,
    ),
    ofProject: createChildPageLoader<EvaluationRow>(query, evaluationsOfProject),
    ofModel: createChildPageLoader<EvaluationRow>(query, evaluationsOfModel),
    onVersion: createChildPageLoader<EvaluationRow>(query, evaluationsOnVersion),
    ofRun: createChildPageLoader<EvaluationRow>(query, evaluationsOfRun),
    newestOfRun: createListLoader<EvaluationOfRun>(
      (runIds) => newestEvaluationsOfRuns(query, runIds),
      (row) => row.runId,
    ),
  };
}
