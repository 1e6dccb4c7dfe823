import type DataLoader from 'dataloader';

/** A row whose existence a foreign key guarantees. */
export async function existing<Row>(loader: DataLoader<string, Row | null>, id: string): Promise<Row> {
  const row = await loader.load(id);
  if (row === null) throw new Error(`Row ${id} does not exist.`);
  return row;
}

/** A row as the mutation has just left it, read again even if it was loaded before. */
export function loaded<Row>(loader: DataLoader<string, Row | null>, id: string): Promise<Row> {
  return existing(loader.clear(id), id);
}
