import type { Query } from '../../protocol/sql/query.js';

/** A model, or none: before an alias was set, or after it was removed. */
type Place = { readonly id: string; readonly name: string } | null;

/** Adds an entry to the history of an alias, in the transaction that moves or removes it. */
export async function recordAliasMove(
  query: Query,
  move: {
    readonly projectId: string;
    readonly alias: string;
    /** Null: nobody in particular. */
    readonly movedBy: string | null;
    readonly from: Place;
    readonly to: Place;
  },
): Promise<void> {
  const { projectId, alias, movedBy, from, to } = move;
  await query(
    `INSERT INTO model_alias_moves (project_id, alias, moved_by, from_model_id, from_model_name, to_model_id, to_model_name)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [projectId, alias, movedBy, from?.id ?? null, from?.name ?? null, to?.id ?? null, to?.name ?? null],
  );
}
