import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { inTransaction } from '../database/transaction.js';
import { rowId } from '../graphql/global-id.js';
import { ProblemsError, problem } from '../problem.js';
import type { Query } from '../protocol/sql/query.js';
import type { AddMemberInput, ChangeMemberRoleInput, RemoveMemberInput } from './member.input.js';
import { type MemberRow, memberOf } from './member.reads.js';
import { requireProject } from './require-project.js';
import type { Viewer } from './viewer.js';

const maxNameLength = 200;
const maxEmailLength = 254;

/** Members of projects, as the graph's mutations work on them. All throw ProblemsError for what the client can put right. */
export interface MemberService {
  /** Adds the user with an address, made known if nobody has it yet. Adding somebody again with the same role changes nothing. */
  add(input: AddMemberInput): Promise<MemberRow>;
  changeRole(viewer: Viewer, input: ChangeMemberRoleInput): Promise<MemberRow>;
  /** Returns the project's id. */
  remove(viewer: Viewer, input: RemoveMemberInput): Promise<string>;
}

export function createMemberService(options: {
  readonly dataSource: DataSource;
  /** Reads, from the process's pool. */
  readonly query: Query;
}): MemberService {
  const { dataSource, query } = options;

  /** Changes a member whose row, like those of all owners, is locked meanwhile. */
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
        `SELECT user_id AS "userId" FROM members WHERE project_id = $1 AND role = 'OWNER' ORDER BY user_id FOR UPDATE`,
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
    async add({ projectSlug, role, ...input }) {
      const email = checkEmail(input.email);
      const name = checkName(input.name ?? email);
      const { id: projectId } = await requireProject(query, projectSlug);
      const userId = await inTransaction(dataSource, async (transaction) => {
        await transaction.query(
          'INSERT INTO users (id, name, email) VALUES ($1, $2, $3) ON CONFLICT (email) DO NOTHING',
          [randomUUID(), name, email],
        );
        const [user] = await transaction.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [email]);
        await transaction.query(
          'INSERT INTO members (project_id, user_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
          [projectId, user!.id, role],
        );
        const member = await memberOf(transaction.query, projectId, user!.id);
        if (member?.role !== role) {
          const message = `${email} is a member already, as ${member?.role}.`;
          throw new ProblemsError([
            problem(['email'], 'ALREADY_EXISTS', message, 'Use changeMemberRole to change the role.'),
          ]);
        }
        return user!.id;
      });
      return (await memberOf(query, projectId, userId))!;
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
      const { projectId } = await change(viewer, input, false, (sql, project, user) =>
        sql('DELETE FROM members WHERE project_id = $1 AND user_id = $2', [project, user]).then(() => undefined),
      );
      return projectId;
    },
  };
}

const noMember = new ProblemsError([problem(['userId'], 'NOT_FOUND', 'The project has no member with this id.')]);
const lastOwner = new ProblemsError([
  problem(
    ['userId'],
    'CONFLICT',
    'This is the last owner of the project: nobody could decide about it any more.',
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
  if (name.length >= 1 && name.length <= Math.max(maxNameLength, maxEmailLength)) return name;
  throw new ProblemsError([problem(['name'], 'INVALID_VALUE', `A name has 1 to ${maxNameLength} characters.`)]);
}
