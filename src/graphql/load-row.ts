import type { KeyLoader, LoadsByKey } from '../database/key-loader.js';
import { ProblemsError, problem } from '../problems/problem.js';

/** A row whose existence a foreign key guarantees. */
export async function existing<Row>(loader: LoadsByKey<Row | null>, id: string): Promise<Row> {
  const row = await loader.load(id);
  if (row === null) throw new Error(`Row ${id} does not exist.`);
  return row;
}

/**
 * A row as the mutation has just left it, read again even if it was loaded before.
 * @throws ProblemsError NOT_FOUND when it was deleted: at this moment, or since the call that this one repeats
 */
export async function loaded<Row>(loader: LoadsByKey<Row | null>, id: string): Promise<Row> {
  loader.clear(id);
  const row = await loader.load(id);
  if (row !== null) return row;
  throw new ProblemsError([problem([], 'NOT_FOUND', 'The object was there, and has been deleted since.')]);
}

/** Rows whose existence foreign keys guarantee, in the order of their ids; what is made of one is made once. */
export async function allExisting<Row, Node>(
  loader: KeyLoader<Row | null>,
  ids: readonly string[],
  toNode: (row: Row) => Node,
): Promise<readonly Node[]> {
  const made = new Map<string, Node>();
  return (await loader.loadAll(ids)).map((row, i) => {
    const id = ids[i]!;
    const known = made.get(id);
    if (known !== undefined) return known;
    if (row === null) throw new Error(`Row ${id} does not exist.`);
    const node = toNode(row);
    made.set(id, node);
    return node;
  });
}
