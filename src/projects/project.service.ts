import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { claimKey, findFirstResult, type IdempotentRequest, orFirstResult } from '../access/idempotency.js';
import { defaultProjectSlug } from '../access/project-slug.js';
import type { Viewer } from '../access/viewer.js';
import { inTransaction } from '../database/transaction.js';
import { ProblemsError, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';
import type { CreateProjectInput, UpdateProjectInput } from './project.input.js';
import { requireProject } from './require-project.js';

const slugForm = /^[a-z0-9][a-z0-9-]{0,62}$/;
const maxNameLength = 200;

/**
 * Projects, as the graph's mutations use them. All methods throw ProblemsError for mistakes that the client can
 * correct.
 */
export interface ProjectService {
  /**
   * Creates a project with the viewer as its owner and the models that come with the server. Returns the project's id.
   */
  create(viewer: Viewer, input: CreateProjectInput): Promise<string>;
  /** Returns the project's id. */
  update(input: UpdateProjectInput): Promise<string>;
}

export function createProjectService(options: {
  readonly dataSource: DataSource;
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
}): ProjectService {
  const { dataSource, query } = options;
  return {
    async create({ userId }, { idempotencyKey, slug, name: given }) {
      const name = checkName(given);
      if (!slugForm.test(slug)) {
        const message = 'A slug has 1 to 63 lower-case letters, digits and “-”, and begins with a letter or digit.';
        throw new ProblemsError([problem(['slug'], 'INVALID_VALUE', message)]);
      }
      const request: IdempotentRequest = {
        projectId: userId,
        operation: 'createProject',
        key: idempotencyKey ?? null,
        input: { slug, name },
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;
      return orFirstResult(query, request, () =>
        inTransaction(dataSource, async (transaction) => {
          const id = randomUUID();
          const claimed = await claimKey(transaction.query, request, id);
          if (claimed !== id) return claimed;
          const inserted = await transaction.query(
            'INSERT INTO projects (id, slug, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id',
            [id, slug, name],
          );
          if (inserted.length === 0) {
            const message = `A project “${slug}” exists already.`;
            throw new ProblemsError([problem(['slug'], 'ALREADY_EXISTS', message, 'Choose another slug.')]);
          }
          await transaction.query(`INSERT INTO members (project_id, user_id, role) VALUES ($1, $2, 'OWNER')`, [
            id,
            userId,
          ]);
          // The new row refers to the same files: nothing else is copied.
          await transaction.query(
            `INSERT INTO base_models (id, project_id, name, digest, manifest, source)
             SELECT gen_random_uuid(), $1, m.name, m.digest, m.manifest, m.source
             FROM base_models m JOIN projects p ON p.id = m.project_id
             WHERE p.slug = $2 AND m.name IN ('use-lite', 'gloss-lm')
               AND m.created_by IS NULL AND m.produced_by_run_id IS NULL`,
            [id, defaultProjectSlug],
          );
          return id;
        }),
      );
    },

    async update({ projectSlug, name: given }) {
      const name = checkName(given);
      const { id } = await requireProject(query, projectSlug);
      return inTransaction(dataSource, async (transaction) => {
        await transaction.query('UPDATE projects SET name = $2 WHERE id = $1', [id, name]);
        return id;
      });
    },
  };
}

function checkName(given: string): string {
  const name = given.trim();
  if (name.length >= 1 && name.length <= maxNameLength) return name;
  throw new ProblemsError([problem(['name'], 'INVALID_VALUE', `A name has 1 to ${maxNameLength} characters.`)]);
}
