import type DataLoader from 'dataloader';
import { ProblemsError, problem } from '../problems/problem.js';

/** A row whose existence a foreign key guarantees. */
export async function existing<Row>(loader: DataLoader<string, Row | null>, id: string): Promise<Row> {
  const row = await loader.load(id);
  if (row === null) throw new Error(`Row ${id} does not exist.`);
  return row;
}

/**
 * A row as the mutation has just left it, read again even if it was loaded before.
 * @throws ProblemsError NOT_FOUND when it was deleted: at this moment, or since the call that this one repeats
 */
export async function loaded<Row>(loader: DataLoader<string, Row | null>, id: string): Promise<Row> {
  const row = await loader.clear(id).load(id);
  if (row !== null) return row;
  throw new ProblemsError([problem([], 'NOT_FOUND', 'The object was there, and has been deleted since.')]);
}
