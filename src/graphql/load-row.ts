import type DataLoader from 'dataloader';

/** A row that a foreign key promises. */
export async function existing<Row>(loader: DataLoader<string, Row | null>, id: string): Promise<Row> {
  const row = await loader.load(id);
  if (row === null) throw new Error(`Row ${id} is gone.`);
  return row;
}

/** A row as a mutation has just left it, whatever was loaded before. */
export function loaded<Row>(loader: DataLoader<string, Row | null>, id: string): Promise<Row> {
  return existing(loader.clear(id), id);
}
