import type { DataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { inTransaction } from '../database/transaction.js';
import { rowId } from '../graphql/global-id.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { type SessionRow, sessionColumns } from './session.reads.js';

/** Sessions, as the graph's mutation uses them. */
export interface SessionService {
  /** Ends one of the viewer's own sessions at once. Returns the session as it was before. Throws ProblemsError. */
  end(viewer: Viewer, sessionId: string): Promise<SessionRow>;
}

export function createSessionService({ dataSource }: { readonly dataSource: DataSource }): SessionService {
  return {
    async end(viewer, sessionId) {
      const id = rowId('Session', sessionId, ['sessionId']);
      const { credential } = viewer;
      if (
        credential.kind === 'API_KEY' &&
        !(credential.projectId === null && credential.scopes.includes('ADMINISTER'))
      ) {
        const message =
          'A key can end sessions only with the scope ADMINISTER, and only if it opens all projects of its user.';
        throw new ProblemsError([problem([], 'FORBIDDEN', message)]);
      }
      const ended = await inTransaction(dataSource, async ({ query }) => {
        const [row] = await query<SessionRow>(
          `DELETE FROM sign_in_sessions s WHERE s.id = $1 AND s.user_id = $2 RETURNING ${sessionColumns}`,
          [id, viewer.userId],
        );
        if (row !== undefined) return row;
        throw new ProblemsError([problem(['sessionId'], 'NOT_FOUND', 'You have no session with this id.')]);
      });
      return ended;
    },
  };
}
