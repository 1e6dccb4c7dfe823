import type { DropDuplicates } from '../../../src/protocol/preparation/steps/duplicates.js';
import { literal } from '../../../src/storage/duckdb.js';

type Choice = Pick<DropDuplicates, 'keep' | 'splitOrder'> & { readonly scope: 'rows' | 'splits' };

/**
 * A statement that gives the rows that go: `row`, and `other_row` that stays in its place.
 * @param copies the table of sets of copies
 * @param table the table of rows
 * @param text an expression over the table: the text whose length counts
 */
export function rowsThatGo(choice: Choice, copies: string, table: string, text: string): string {
  const { scope, keep, splitOrder } = choice;
  const place = `CASE split ${splitOrder.map((split, i) => `WHEN ${literal(split)} THEN ${i}`).join(' ')} END`;
  switch (scope) {
    case 'rows': {
      const order = [...(splitOrder.length > 0 ? [`${place} NULLS LAST`] : []), ...keepOrders[keep]];
      return `SELECT row, kept AS other_row FROM (
          SELECT row, first_value(row) OVER (PARTITION BY cluster ORDER BY ${order.join(', ')}) AS kept
          FROM (SELECT c.cluster, t.row, t.split, length(${text}) AS length
            FROM ${copies} c JOIN ${table} t USING (row) WHERE c.source = 0)
        ) WHERE row <> kept`;
    }
    case 'splits':
      return `SELECT row, kept.row AS other_row FROM (
          SELECT row, split, first_value({row: row, split: split})
            OVER (PARTITION BY cluster ORDER BY ${place} NULLS LAST, split NULLS LAST, row) AS kept
          FROM (SELECT c.cluster, t.row, t.split FROM ${copies} c JOIN ${table} t USING (row) WHERE c.source = 0)
        ) WHERE split IS DISTINCT FROM kept.split`;
    default:
      return scope satisfies never;
  }
}

const keepOrders = {
  first: ['row'],
  last: ['row DESC'],
  longest: ['length DESC', 'row'],
} as const;
