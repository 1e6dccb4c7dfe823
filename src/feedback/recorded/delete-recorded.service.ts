import type { DataSource } from 'typeorm';
import { inTransaction } from '../../database/transaction.js';
import { rowId } from '../../graphql/global-id.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import { requireProject } from '../../projects/require-project.js';
import type { Query } from '../../protocol/sql/query.js';
import { type DeleteRecordedFeedbackInput, mostDeletedRecords } from './deleted-recorded.type.js';

/** Deletes feedback of applications. Throws ProblemsError. */
export interface DeleteRecordedService {
  /**
   * Deletes records of a project, by their ids or all of a person. Dataset versions that were made of them stay.
   * Returns how many went.
   */
  delete(input: DeleteRecordedFeedbackInput): Promise<number>;
}

export function createDeleteRecordedService(options: {
  readonly dataSource: DataSource;
  /** Reads, from the process's pool. */
  readonly query: Query;
}): DeleteRecordedService {
  const { dataSource, query } = options;
  return {
    async delete({ projectSlug, feedbackIds = null, subject = null }) {
      if ((feedbackIds === null) === (subject === null)) {
        const message = 'Either `feedbackIds` or `subject` says which feedback goes, and not both.';
        throw new ProblemsError([problem(['feedbackIds'], 'INVALID_VALUE', message, 'Give one of them.')]);
      }
      if (feedbackIds !== null && feedbackIds.length > mostDeletedRecords) {
        const message = `A call deletes at most ${mostDeletedRecords}; these are ${feedbackIds.length}.`;
        throw new ProblemsError([problem(['feedbackIds'], 'TOO_LONG', message, 'Make several calls.')]);
      }
      const ids = feedbackIds?.map((id, i) => rowId('RecordedFeedback', id, ['feedbackIds', String(i)])) ?? null;
      const project = await requireProject(query, projectSlug);
      return inTransaction(dataSource, async (transaction) => {
        const gone = await transaction.query(
          `DELETE FROM recorded_feedback
            WHERE project_id = $1 AND CASE WHEN $2::uuid[] IS NULL THEN subject = $3 ELSE id = ANY($2) END
           RETURNING id`,
          [project.id, ids, subject?.trim() ?? null],
        );
        return gone.length;
      });
    },
  };
}
