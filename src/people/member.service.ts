import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import type { Role } from '../access/rights.js';
import type { Viewer } from '../access/viewer.js';
import { inTransaction } from '../database/transaction.js';
import { rowId } from '../graphql/global-id.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { requireProject } from '../projects/require-project.js';
import type { Query } from '../protocol/sql/query.js';
import type { AddMemberInput, ChangeMemberRoleInput, RemoveMemberInput } from './member.input.js';
import { type MemberRow, memberOf } from './member.reads.js';

const maxNameLength = 200;
const maxEmailLength = 254;

/**
 * Members of projects, as the graph's mutations use them. All methods throw ProblemsError for mistakes that the client
 * can correct.
 */
export interface MemberService {
  /**
   * Adds the user with an e-mail address, and creates the user if nobody has that address. Adding a member again with
   * the same role changes nothing.
   */
  add(input: AddMemberInput): Promise<MemberRow>;
  changeRole(viewer: Viewer, input: ChangeMemberRoleInput): Promise<MemberRow>;
  /** Returns the project's id. */
  remove(viewer: Viewer, input: RemoveMemberInput): Promise<string>;
}

export function createMemberService(options: {
  readonly dataSource: DataSource;
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
}): MemberService {
  const { dataSource, query } = options;

  /**
   * Changes a member in a transaction that locks the rows of all owners. A service account does not count as one: a
   * program alone must not be left to administer the project.
   */
  async function change(
    viewer: Viewer,
    input: RemoveMemberInput,
    staysOwner: boolean,
    apply: (query: Query, projectId: string, userId: string) => Promise<void>,
  ): Promise<{ projectId: string; userId: string }> {
    const userId = rowId('User', input.userId, ['userId']);
    const { id: projectId } = await requireProject(query, input.projectSlug);
    await inTransaction(dataSource, async (transaction) => {
      const owners = await transaction.query<{ userId: string }>(
        `SELECT m.user_id AS "userId" FROM members m JOIN users u ON u.id = m.user_id
          WHERE m.project_id = $1 AND m.role = 'OWNER' AND u.kind = 'PERSON' ORDER BY m.user_id FOR UPDATE OF m`,
        [projectId],
      );
      if ((await memberOf(transaction.query, projectId, userId)) === null) throw noMember;
      const isLast = owners.length === 1 && owners[0]?.userId === userId;
      if (isLast && !staysOwner && !viewer.administrator) throw lastOwner;
      await apply(transaction.query, projectId, userId);
    });
    return { projectId, userId };
  }

  return {
    async add({ projectSlug, role, idempotencyKey, ...input }) {
      const email = checkEmail(input.email);
      const name = input.name == null ? email : checkName(input.name);
      const { id: projectId } = await requireProject(query, projectSlug);
      const request: IdempotentRequest = {
        projectId,
        operation: 'addMember',
        key: idempotencyKey ?? null,
        input: { email, name, role },
      };
      const userId =
        (await findFirstResult(query, request)) ??
        (await inTransaction(dataSource, async (transaction) => {
          const id = await knownUser(transaction.query, email, name);
          const claimed = await claimKey(transaction.query, request, id);
          await insertMember(transaction.query, { projectId, userId: claimed, role, email });
          return claimed;
        }));
      const member = await memberOf(query, projectId, userId);
      // The call repeats an earlier one, and the member was removed in between.
      if (member === null) throw noMember;
      return member;
    },

    async changeRole(viewer, input) {
      const { projectId, userId } = await change(viewer, input, input.role === 'OWNER', (sql, project, user) =>
        sql('UPDATE members SET role = $3 WHERE project_id = $1 AND user_id = $2', [project, user, input.role]).then(
          () => undefined,
        ),
      );
      return (await memberOf(query, projectId, userId))!;
    },

    async remove(viewer, input) {
      const { projectId } = await change(viewer, input, false, async (sql, project, user) => {
        await sql('DELETE FROM members WHERE project_id = $1 AND user_id = $2', [project, user]);
        // A service account has no other project: it ends, and its keys stop working.
        await sql(
          `UPDATE users SET deactivated_at = coalesce(deactivated_at, now()) WHERE id = $1 AND kind = 'SERVICE'`,
          [user],
        );
      });
      return projectId;
    },
  };
}

/** The id of the user with this address; the user is created if nobody has it. */
async function knownUser(query: Query, email: string, name: string): Promise<string> {
  await query('INSERT INTO users (id, name, email) VALUES ($1, $2, $3) ON CONFLICT (email) DO NOTHING', [
    randomUUID(),
    name,
    email,
  ]);
  const [user] = await query<{ id: string }>('SELECT id FROM users WHERE email = $1', [email]);
  return user!.id;
}

/** @throws ProblemsError when the user is a member already, with another role */
async function insertMember(
  query: Query,
  member: { readonly projectId: string; readonly userId: string; readonly role: Role; readonly email: string },
): Promise<void> {
  const { projectId, userId, role, email } = member;
  await query('INSERT INTO members (project_id, user_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
    projectId,
    userId,
    role,
  ]);
  const present = await memberOf(query, projectId, userId);
  if (present?.role === role) return;
  throw new ProblemsError([
    problem(
      ['email'],
      'ALREADY_EXISTS',
      `${email} is a member already, as ${present?.role}.`,
      'Use changeMemberRole to change the role.',
    ),
  ]);
}

const noMember = new ProblemsError([problem(['userId'], 'NOT_FOUND', 'The project has no member with this id.')]);
const lastOwner = new ProblemsError([
  problem(
    ['userId'],
    'CONFLICT',
    'This is the last owner of the project: without an owner nobody could administer it.',
    'Make another member an owner first.',
  ),
]);

function checkEmail(given: string): string {
  const email = given.trim().toLowerCase();
  if (email.length <= maxEmailLength && z.email().safeParse(email).success) return email;
  throw new ProblemsError([
    problem(['email'], 'INVALID_VALUE', 'This is not an e-mail address.', 'It looks like name@example.org.'),
  ]);
}

function checkName(given: string): string {
  const name = given.trim();
  if (name.length >= 1 && name.length <= maxNameLength) return name;
  throw new ProblemsError([problem(['name'], 'INVALID_VALUE', `A name has 1 to ${maxNameLength} characters.`)]);
}
