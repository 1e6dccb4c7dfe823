import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { newApiKeySecret } from '../access/api-key-secret.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { noSuchProject } from '../access/refusals.js';
import { scopes as allScopes, type Scope } from '../access/rights.js';
import { may, mayAdministerServer, maySee, type Viewer } from '../access/viewer.js';
import { inTransaction } from '../database/transaction.js';
import { rowId } from '../graphql/global-id.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { projectBySlug } from '../projects/project.reads.js';
import type { Query } from '../protocol/sql/query.js';
import type { CreateApiKeyInput } from './api-key.input.js';
import { type ApiKeyRow, apiKeysByIds } from './api-key.reads.js';
import { memberOf } from './member.reads.js';
import { usersByIds } from './user.reads.js';

const maxNameLength = 100;

/**
 * API keys, as the graph's mutations use them. All methods throw ProblemsError for mistakes that the client can
 * correct.
 */
export interface ApiKeyService {
  /**
   * Creates a key for the viewer, or for another member of a project that the viewer administers. A key can't create a
   * key with more rights than its own. The secret is null when the call repeats an earlier one.
   */
  create(viewer: Viewer, input: CreateApiKeyInput): Promise<{ readonly id: string; readonly secret: string | null }>;
  /**
   * Revokes a key of the viewer, or of a project that the viewer administers. Returns its id. Revoking it again changes
   * nothing.
   */
  revoke(viewer: Viewer, apiKeyId: string): Promise<string>;
}

export function createApiKeyService(options: {
  readonly dataSource: DataSource;
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
  readonly now: () => Date;
}): ApiKeyService {
  const { dataSource, query, now } = options;

  /** The project that the key will open; null: all projects of its user. */
  async function projectFor(viewer: Viewer, slug: string | null): Promise<string | null> {
    if (slug === null) return null;
    const project = await projectBySlug(query, slug);
    if (project === null || !maySee(viewer, project.id)) throw noSuchProject(slug, ['projectSlug']);
    return project.id;
  }

  /** The user that the key will act as. */
  async function userFor(viewer: Viewer, id: string | null, projectId: string | null): Promise<string> {
    if (id === null) return viewer.userId;
    const userId = rowId('User', id, ['userId']);
    if (userId === viewer.userId) return userId;
    if (projectId === null) {
      const message = 'A key for another user must be limited to one project.';
      throw new ProblemsError([problem(['projectSlug'], 'REQUIRED', message, 'Name a project that you own.')]);
    }
    if (!may(viewer, 'ADMINISTER', projectId)) {
      const message = 'Only owners of the project can create keys for its other members.';
      throw new ProblemsError([problem(['userId'], 'FORBIDDEN', message)]);
    }
    if ((await memberOf(query, projectId, userId)) === null) {
      throw new ProblemsError([problem(['userId'], 'NOT_FOUND', 'The project has no member with this id.')]);
    }
    const [user] = await usersByIds(query, [userId]);
    if (user?.administrator === true && !viewer.administrator) {
      const message =
        'This member administers the server: only an administrator can create keys that act as an administrator.';
      throw new ProblemsError([problem(['userId'], 'FORBIDDEN', message)]);
    }
    return userId;
  }

  return {
    async create(viewer, { idempotencyKey, ...input }) {
      const name = input.name.trim();
      const scopes = allScopes.filter((scope) => scope === 'READ' || input.scopes.includes(scope));
      const expiresAt = input.expiresAt ?? null;
      const problems = [
        ...checkValues(name, input.scopes, expiresAt, now()),
        ...checkCredential(viewer, scopes, expiresAt),
      ];
      if (problems.length > 0) throw new ProblemsError(problems);
      const projectId = await projectFor(viewer, input.projectSlug ?? null);
      const own = viewer.credential.kind === 'API_KEY' ? viewer.credential.projectId : null;
      if (own !== null && projectId !== own) throw new ProblemsError([beyondOwnProject]);
      const userId = await userFor(viewer, input.userId ?? null, projectId);
      const request: IdempotentRequest = {
        projectId: viewer.userId,
        operation: 'createApiKey',
        key: idempotencyKey ?? null,
        input,
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return { id: first, secret: null };
      const { secret, digest, hint } = newApiKeySecret();
      const newId = randomUUID();
      const id = await inTransaction(dataSource, async (transaction) => {
        const claimed = await claimKey(transaction.query, request, newId);
        if (claimed !== newId) return claimed;
        await transaction.query(
          `INSERT INTO api_keys (id, user_id, project_id, name, digest, hint, scopes, created_by, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          [newId, userId, projectId, name, digest, hint, scopes, viewer.userId, expiresAt],
        );
        return newId;
      });
      return { id, secret: id === newId ? secret : null };
    },

    async revoke(viewer, apiKeyId) {
      const id = rowId('ApiKey', apiKeyId, ['apiKeyId']);
      const [key] = await apiKeysByIds(query, [id]);
      const mayRevoke =
        key !== undefined &&
        (key.userId === viewer.userId
          ? isOwnFor(viewer, key)
          : mayAdministerServer(viewer) || (key.projectId !== null && may(viewer, 'ADMINISTER', key.projectId)));
      if (!mayRevoke) {
        throw new ProblemsError([problem(['apiKeyId'], 'NOT_FOUND', 'You have no API key with this id.')]);
      }
      return inTransaction(dataSource, async (transaction) => {
        await transaction.query('UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1', [id]);
        return id;
      });
    },
  };
}

/**
 * A key may revoke itself (if it leaked, say). It may revoke its user's other keys only with the scope ADMINISTER, and
 * only keys that open nothing beyond what it opens itself.
 */
function isOwnFor({ credential }: Viewer, key: ApiKeyRow): boolean {
  if (credential.kind !== 'API_KEY' || credential.id === key.id) return true;
  return (
    credential.scopes.includes('ADMINISTER') &&
    (credential.projectId === null || credential.projectId === key.projectId)
  );
}

function checkValues(name: string, given: readonly Scope[], expiresAt: Date | null, now: Date): InputProblem[] {
  const problems: InputProblem[] = [];
  if (name.length < 1 || name.length > maxNameLength) {
    problems.push(problem(['name'], 'INVALID_VALUE', `A name has 1 to ${maxNameLength} characters.`));
  }
  if (given.length === 0) problems.push(problem(['scopes'], 'REQUIRED', 'A key needs at least one scope.'));
  if (expiresAt !== null && expiresAt <= now) {
    problems.push(problem(['expiresAt'], 'INVALID_VALUE', 'This moment has already passed.'));
  }
  return problems;
}

/** The problems when the asking key would create a key with more scopes, or a longer life, than its own. */
function checkCredential({ credential }: Viewer, scopes: readonly Scope[], expiresAt: Date | null): InputProblem[] {
  if (credential.kind !== 'API_KEY') return [];
  if (!credential.scopes.includes('ADMINISTER')) {
    return [problem([], 'FORBIDDEN', 'A key can create other keys only with the scope ADMINISTER.')];
  }
  const problems: InputProblem[] = [];
  const beyond = scopes.filter((scope) => !credential.scopes.includes(scope));
  if (beyond.length > 0) {
    problems.push(problem(['scopes'], 'FORBIDDEN', `The key that asks does not have ${beyond.join(', ')} itself.`));
  }
  const { expiresAt: ownEnd } = credential;
  if (ownEnd !== null && (expiresAt === null || expiresAt > ownEnd)) {
    const message = `The key that asks expires at ${ownEnd.toISOString()}: it can not create a key that lasts longer.`;
    problems.push(problem(['expiresAt'], 'FORBIDDEN', message));
  }
  return problems;
}

const beyondOwnProject = problem(
  ['projectSlug'],
  'FORBIDDEN',
  'The key that asks opens one project: it can not create keys for another.',
  'Name its project as `projectSlug`.',
);
