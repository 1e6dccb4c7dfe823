import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction } from '../database/transaction.js';
import { checkName } from '../organizing/names-and-tags.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { requireProject } from '../projects/require-project.js';
import type { Query } from '../protocol/sql/query.js';
import { type MemberRow, memberOf } from './member.reads.js';
import type { CreateServiceAccountInput } from './service-account.input.js';

const maxNameLength = 100;

/**
 * Service accounts: members of one project that are no people. They end as members do, by removeMember. Throws
 * ProblemsError for mistakes that the client can correct.
 */
export interface ServiceAccountService {
  /** Creates a user of the kind SERVICE as a member of its project. */
  create(input: CreateServiceAccountInput): Promise<MemberRow>;
}

export function createServiceAccountService(options: {
  readonly dataSource: DataSource;
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
}): ServiceAccountService {
  const { dataSource, query } = options;
  return {
    async create({ projectSlug, role, idempotencyKey, ...input }) {
      const name = input.name.trim().normalize('NFC');
      const problems = checkName(name, maxNameLength);
      if (problems.length > 0) throw new ProblemsError(problems);
      const { id: projectId } = await requireProject(query, projectSlug);
      const request: IdempotentRequest = {
        projectId,
        operation: 'createServiceAccount',
        key: idempotencyKey ?? null,
        input: { name, role },
      };
      const newId = randomUUID();
      const userId =
        (await findFirstResult(query, request)) ??
        (await inTransaction(dataSource, async (transaction) => {
          const claimed = await claimKey(transaction.query, request, newId);
          if (claimed !== newId) return claimed;
          const made = await transaction.query(
            `INSERT INTO users (id, name, kind, service_of) VALUES ($1, $2, 'SERVICE', $3)
             ON CONFLICT (service_of, lower(name)) WHERE deactivated_at IS NULL DO NOTHING RETURNING id`,
            [newId, name, projectId],
          );
          if (made.length === 0) throw nameTaken(name);
          await transaction.query('INSERT INTO members (project_id, user_id, role) VALUES ($1, $2, $3)', [
            projectId,
            newId,
            role,
          ]);
          return newId;
        }));
      const member = await memberOf(query, projectId, userId);
      if (member === null) {
        // The call repeats an earlier one, and the account was removed in between.
        throw new ProblemsError([problem([], 'NOT_FOUND', 'This service account was created, and has been removed.')]);
      }
      return member;
    },
  };
}

function nameTaken(name: string): ProblemsError {
  return new ProblemsError([
    problem(
      ['name'],
      'ALREADY_EXISTS',
      `The project has a service account of the name ${JSON.stringify(name)}.`,
      'Create keys for that one with `createApiKey`, or choose another name.',
    ),
  ]);
}
