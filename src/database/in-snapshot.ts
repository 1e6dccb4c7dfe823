import type { DataSource } from 'typeorm';
import type { Query } from '../protocol/sql/query.js';
import { beforeOwnTransaction, queryOf } from './transaction.js';

/**
 * Reads within one moment: all that `work` reads was true when it began, however long it takes and whatever is written
 * meanwhile.
 */
export function inSnapshot<Result>(dataSource: DataSource, work: (query: Query) => Promise<Result>): Promise<Result> {
  return beforeOwnTransaction(() =>
    dataSource.transaction('REPEATABLE READ', async (manager) => {
      const query = queryOf(manager);
      await query('SET TRANSACTION READ ONLY');
      return work(query);
    }),
  );
}
