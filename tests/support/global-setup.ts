import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { startTestServer, type TestServer } from './test-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A URL that answers with the administrator's URL of the test database server. */
    databaseServerLookup: string;
  }
}

/**
 * One PostgreSQL server for a whole test run, started when the first test asks for a database: unit tests don't wait
 * for it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let server: Promise<TestServer> | null = null;
  const lookup = createServer((_request, response) => {
    server ??= startTestServer();
    server.then(
      ({ databaseUrl }) => response.end(JSON.stringify({ databaseUrl: databaseUrl('postgres') })),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  await new Promise<void>((resolve) => lookup.listen(0, '127.0.0.1', resolve));
  const address = lookup.address();
  if (address === null || typeof address === 'string') throw new Error('The lookup server has no port.');
  project.provide('databaseServerLookup', `http://127.0.0.1:${address.port}/`);

  // Without a listener a SIGTERM ends the process before its exit handlers, which stop the database server.
  const onTerminate = (): never => process.exit(143);
  process.once('SIGTERM', onTerminate);
  return async () => {
    process.off('SIGTERM', onTerminate);
    lookup.closeAllConnections();
    lookup.close();
    await (await server?.catch(() => null))?.stop();
  };
}
