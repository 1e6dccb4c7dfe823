import type { ChildList } from '../../database/child-pages.js';
import type { Query } from '../../protocol/sql/query.js';

export interface AppendedExampleRow {
  readonly number: number;
  readonly split: string | null;
  /** An object of JSON. */
  readonly example: string;
  readonly preparationId: string | null;
  readonly createdAt: Date;
}

export const appendedOfDataset: ChildList = {
  select: `a.number::float8 AS number, a.split, a.example, a.preparation_id AS "preparationId", a.created_at AS "createdAt"`,
  from: 'appended_examples a',
  parent: { column: 'a.dataset_id', type: 'uuid' },
  sort: [{ column: 'a.number', type: 'bigint' }],
  direction: 'ASC',
};

/** What a call appended. */
export interface AppendedRange {
  readonly datasetId: string;
  readonly firstNumber: number;
  readonly lastNumber: number;
}

export async function readAppend(query: Query, id: string): Promise<AppendedRange | null> {
  const [row] = await query<AppendedRange>(
    `SELECT dataset_id AS "datasetId", first_number::float8 AS "firstNumber", last_number::float8 AS "lastNumber"
       FROM example_appends WHERE id = $1`,
    [id],
  );
  return row ?? null;
}
