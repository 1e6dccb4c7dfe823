import { vi } from 'vitest';
import type { TestApi } from './api.js';

/** Statements that the server sends by itself at any moment: the search for due webhook deliveries. */
const ofTheServer = /\bwebhook_deliveries\b/;

/** How many SQL statements `work` sends, without the server's own. */
export async function countStatements(api: TestApi, work: () => Promise<unknown>): Promise<number> {
  const spy = vi.spyOn(api.dataSource, 'query');
  await work();
  const statements = spy.mock.calls.filter(([sql]) => !ofTheServer.test(sql));
  spy.mockRestore();
  return statements.length;
}
