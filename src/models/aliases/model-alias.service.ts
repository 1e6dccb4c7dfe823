import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actorId } from '../../access/acting-viewer.js';
import { inTransaction } from '../../database/transaction.js';
import { rowId } from '../../graphql/global-id.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import type { Query } from '../../protocol/sql/query.js';
import type { RemoveModelAliasInput, SetModelAliasInput } from './model-alias.input.js';
import { recordAliasMove } from './move-alias.js';

const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function checkAliasName(name: string, path: readonly string[]): InputProblem[] {
  if (nameForm.test(name)) return [];
  const message = 'An alias has 1 to 64 ASCII letters, digits, “.”, “_” and “-”, and begins with a letter or digit.';
  return [problem(path, 'INVALID_VALUE', message)];
}

/** Aliases of models, as the graph's mutations use them. All methods throw ProblemsError. */
export interface ModelAliasService {
  /** Lets the alias stand for a model, in one step. Where it does already, nothing changes. Returns the alias's id. */
  set(input: SetModelAliasInput): Promise<string>;
  /** Returns the ids of the alias and of its project, and its name. */
  remove(input: RemoveModelAliasInput): Promise<{ projectId: string; name: string }>;
}

interface LockedAlias {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly modelId: string;
  readonly modelName: string;
}

export function createModelAliasService({ dataSource }: { readonly dataSource: DataSource }): ModelAliasService {
  return {
    async set(input) {
      const { name } = input;
      const modelId = rowId('BaseModel', input.modelId, ['modelId']);
      const expected = expectedOf(input.expectedModelId);
      const wrong = checkAliasName(name, ['name']);
      if (wrong.length > 0) throw new ProblemsError(wrong);
      return inTransaction(dataSource, async ({ query }) => {
        // Locked as the alias's reference will lock it, so that a model that is being deleted is not found.
        const [model] = await query<{ projectId: string; name: string }>(
          'SELECT project_id AS "projectId", name FROM base_models WHERE id = $1 FOR KEY SHARE',
          [modelId],
        );
        if (model === undefined) {
          throw new ProblemsError([problem(['modelId'], 'NOT_FOUND', 'There is no base model with this id.')]);
        }
        const { projectId } = model;
        // Of two that set a new alias at once, the second waits here, and then moves what the first has set.
        const newId = randomUUID();
        const created = await query(
          `INSERT INTO model_aliases (id, project_id, name, base_model_id, created_by) SELECT $1, $2, $3, $4, $5 WHERE $6
           ON CONFLICT (project_id, name) DO NOTHING RETURNING id`,
          [newId, projectId, name, modelId, actorId(), expected === null],
        );
        if (created.length > 0) {
          const to = { id: modelId, name: model.name };
          await recordAliasMove(query, { projectId, alias: name, movedBy: actorId(), from: null, to });
          return newId;
        }
        const alias = await lockAlias(query, 'project_id = $1 AND name = $2', [projectId, name]);
        if (alias === null) throw notAsExpected('The project has no such alias.');
        await move(query, alias, expected, { id: modelId, name: model.name });
        return alias.id;
      });
    },

    async remove(input) {
      const aliasId = rowId('ModelAlias', input.aliasId, ['aliasId']);
      const expected = expectedOf(input.expectedModelId);
      return inTransaction(dataSource, async ({ query }) => {
        const alias = await lockAlias(query, 'id = $1', [aliasId]);
        if (alias === null) {
          throw new ProblemsError([problem(['aliasId'], 'NOT_FOUND', 'There is no alias with this id.')]);
        }
        await move(query, alias, expected, null);
        return { projectId: alias.projectId, name: alias.name };
      });
    },
  };
}

/** @param where names one alias, in SQL */
async function lockAlias(query: Query, where: string, values: readonly string[]): Promise<LockedAlias | null> {
  const [alias] = await query<Omit<LockedAlias, 'modelName'>>(
    `SELECT id, project_id AS "projectId", name, base_model_id AS "modelId" FROM model_aliases WHERE ${where} FOR UPDATE`,
    values,
  );
  if (alias === undefined) return null;
  // Asked for after the lock: joined to it, it would be the model from before the wait.
  const [model] = await query<{ name: string }>('SELECT name FROM base_models WHERE id = $1', [alias.modelId]);
  return { ...alias, modelName: model!.name };
}

/** Moves a locked alias, or removes it, and writes its history. */
async function move(
  query: Query,
  { id, projectId, name, modelId, modelName }: LockedAlias,
  expectedModelId: string | null,
  to: { readonly id: string; readonly name: string } | null,
): Promise<void> {
  if (expectedModelId !== null && modelId !== expectedModelId) {
    throw notAsExpected(`“${name}” stands for another model: “${modelName}”.`);
  }
  if (to?.id === modelId) return;
  if (to === null) await query('DELETE FROM model_aliases WHERE id = $1', [id]);
  else await query('UPDATE model_aliases SET base_model_id = $2 WHERE id = $1', [id, to.id]);
  const from = { id: modelId, name: modelName };
  await recordAliasMove(query, { projectId, alias: name, movedBy: actorId(), from, to });
}

function expectedOf(id: string | null | undefined): string | null {
  return id == null ? null : rowId('BaseModel', id, ['expectedModelId']);
}

function notAsExpected(message: string): ProblemsError {
  const hint = 'Somebody may have moved it: read it again.';
  return new ProblemsError([problem(['expectedModelId'], 'CONFLICT', message, hint)]);
}
