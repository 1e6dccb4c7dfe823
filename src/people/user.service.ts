import type { DataSource } from 'typeorm';
import { ownerUserId, type Viewer } from '../access/viewer.js';
import { isTaken } from '../database/taken.js';
import { inTransaction } from '../database/transaction.js';
import { rowId } from '../graphql/global-id.js';
import { ProblemsError, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';
import { usersByIds } from './user.reads.js';

/** Users, as administrators of the server manage them. All methods throw ProblemsError, and return the user's id. */
export interface UserService {
  setAdministrator(viewer: Viewer, userId: string, administrator: boolean): Promise<string>;
  /** Nobody can act as this user any more: the user's keys and sign-ins stop working at once. */
  deactivate(viewer: Viewer, userId: string): Promise<string>;
  reactivate(userId: string): Promise<string>;
}

export function createUserService({
  dataSource,
  query,
}: {
  readonly dataSource: DataSource;
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
}): UserService {
  async function refuseServiceAccount(userId: string): Promise<void> {
    const [user] = await usersByIds(query, [rowId('User', userId, ['userId'])]);
    if (user?.kind === 'SERVICE')
      throw refusal('A service account belongs to its project: it can not administer the server.');
  }

  async function update(userId: string, assignment: string, viewer: Viewer | null): Promise<string> {
    const id = rowId('User', userId, ['userId']);
    if (viewer !== null) refuseNeeded(viewer, id);
    return inTransaction(dataSource, async (transaction) => {
      const changed = await transaction.query(
        `UPDATE users SET ${assignment} WHERE id = $1 AND deleted_at IS NULL RETURNING id`,
        [id],
      );
      if (changed.length === 0) {
        throw new ProblemsError([problem(['userId'], 'NOT_FOUND', 'There is no user with this id.')]);
      }
      return id;
    });
  }

  return {
    async setAdministrator(viewer, userId, administrator) {
      if (administrator) await refuseServiceAccount(userId);
      return update(userId, `administrator = ${administrator ? 'true' : 'false'}`, administrator ? null : viewer);
    },
    deactivate: (viewer, userId) => update(userId, 'deactivated_at = coalesce(deactivated_at, now())', viewer),
    reactivate: (userId) =>
      update(userId, 'deactivated_at = NULL', null).catch((error: unknown) => {
        if (!isTaken(error)) throw error;
        throw refusal('The project has another service account of this name now: use that one, or remove it first.');
      }),
  };
}

/** Refuses what would take a user's access who is needed. Throws ProblemsError CONFLICT. */
export function refuseNeeded(viewer: Viewer, userId: string): void {
  // The last administrator could lock everybody out.
  if (userId === viewer.userId) throw refusal('You can not do this to yourself: ask another administrator.');
  if (userId === ownerUserId) throw refusal('The server itself acts as this user on its own machine.');
}

function refusal(message: string): ProblemsError {
  return new ProblemsError([problem(['userId'], 'CONFLICT', message)]);
}
