import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../root.js';
import { type ServerProcess, startServer } from './server-process.js';

/** As in `npm start`. */
const flags = ['--max-semi-space-size=64'];
/** More points than a bench can spend: the limit counts, and refuses nothing. */
const unreachedRateLimit = '1000000000';

/**
 * Starts the API without workers on a database.
 * @param home the bench's folder, in which each database has one of its own
 */
export async function startAttune(
  databaseUrl: string,
  home: string,
  env: NodeJS.ProcessEnv = {},
  execArgv: readonly string[] = [],
): Promise<ServerProcess> {
  const folder = join(home, 'homes', new URL(databaseUrl).pathname.replace('_unfinished', ''));
  await mkdir(folder, { recursive: true });
  return startServer(join(root, 'dist/src/main.js'), {
    execArgv: [...flags, ...execArgv],
    env: {
      DATABASE_URL: databaseUrl,
      ATTUNE_HOME: folder,
      ATTUNE_WORKERS: '0',
      ATTUNE_OWNER_KEY: 'later',
      ATTUNE_RATE_LIMIT: unreachedRateLimit,
      PORT: '0',
      LOG_LEVEL: 'warn',
      ...env,
    },
  });
}

/** Brings a new database to the present schema, with the models that come with the product. */
export async function prepareDatabase(databaseUrl: string, home: string): Promise<void> {
  const api = await startAttune(databaseUrl, home);
  await api.stop();
}
