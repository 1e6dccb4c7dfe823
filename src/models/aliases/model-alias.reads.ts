import type { ChildList } from '../../database/child-pages.js';
import type { Query } from '../../protocol/sql/query.js';

export interface ModelAliasRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly name: string;
  readonly modelId: string;
  readonly createdAt: Date;
}

const columns = `a.id, a.project_id AS "projectId", a.created_by AS "createdBy", a.name, a.base_model_id AS "modelId",
  a.created_at AS "createdAt"`;

export function modelAliasesByIds(query: Query, ids: readonly string[]): Promise<ModelAliasRow[]> {
  return query(`SELECT ${columns} FROM model_aliases a WHERE a.id = ANY($1::uuid[])`, [ids]);
}

/** An alias as people know it. */
export interface AliasName {
  readonly projectId: string;
  readonly name: string;
}

export function modelAliasesByNames(query: Query, names: readonly AliasName[]): Promise<ModelAliasRow[]> {
  return query(
    `SELECT ${columns} FROM model_aliases a
       JOIN unnest($1::uuid[], $2::text[]) AS asked(project_id, name) ON a.project_id = asked.project_id AND a.name = asked.name`,
    [names.map(({ projectId }) => projectId), names.map(({ name }) => name)],
  );
}

const byName: Pick<ChildList, 'select' | 'from' | 'sort' | 'direction'> = {
  select: columns,
  from: 'model_aliases a',
  // The C collation suffices: names are ASCII, and unique in the project.
  sort: [{ column: '(a.name COLLATE "C")', type: 'text' }],
  direction: 'ASC',
};

export const aliasesOfProject: ChildList = { ...byName, parent: { column: 'a.project_id', type: 'uuid' } };
export const aliasesOfModel: ChildList = { ...byName, parent: { column: 'a.base_model_id', type: 'uuid' } };

export interface ModelAliasMoveRow {
  readonly alias: string;
  readonly at: Date;
  readonly movedBy: string | null;
  readonly fromModelId: string | null;
  readonly fromModelName: string | null;
  readonly toModelId: string | null;
  readonly toModelName: string | null;
}

const moves: Pick<ChildList, 'select' | 'sort' | 'direction'> = {
  select: `v.alias, v.at, v.moved_by AS "movedBy", v.from_model_id AS "fromModelId", v.from_model_name AS "fromModelName",
    v.to_model_id AS "toModelId", v.to_model_name AS "toModelName"`,
  sort: [{ column: 'v.id', type: 'bigint' }],
  direction: 'DESC',
};

export const aliasMovesOfProject: ChildList = {
  ...moves,
  from: 'model_alias_moves v',
  parent: { column: 'v.project_id', type: 'uuid' },
};

/** Also from before an alias of this name was removed. */
export const aliasMovesOfAlias: ChildList = {
  ...moves,
  from: 'model_aliases a JOIN model_alias_moves v ON v.project_id = a.project_id AND v.alias = a.name',
  parent: { column: 'a.id', type: 'uuid' },
};
