import { vi } from 'vitest';
import type { TestApi } from './api.js';

/** What the server asks the database by itself, at any moment: webhooks that are due. */
const ofTheServer = /\bwebhook_deliveries\b/;

/** SQL statements that `work` takes, those of the server's own round left out. */
export async function countStatements(api: TestApi, work: () => Promise<unknown>): Promise<number> {
  const spy = vi.spyOn(api.dataSource, 'query');
  await work();
  const statements = spy.mock.calls.filter(([sql]) => !ofTheServer.test(sql));
  spy.mockRestore();
  return statements.length;
}
