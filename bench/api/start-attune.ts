import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { migrations } from '../../migrations/index.js';
import { root } from '../root.js';
import type { Databases } from './database.js';
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
  const folder = folderOf(home, new URL(databaseUrl).pathname.replace('_unfinished', ''));
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

function folderOf(home: string, database: string): string {
  return join(home, 'homes', database);
}

/** Of the schema that this program has. */
const prepared = `attune_${/\d+$/.exec(migrations.at(-1)!.name)?.[0]}`;

/**
 * The URL of a database that begins with the present schema and the models that come with the product, which are made
 * once and copied, and that `fill` has filled.
 */
export async function filledAttune(
  databases: Databases,
  name: string,
  fill: (url: string) => Promise<void>,
): Promise<string> {
  await databases.filled(prepared, async (url) => {
    const api = await startAttune(url, databases.home);
    await api.stop();
  });
  const fillCopy = async (url: string): Promise<void> => {
    await cp(folderOf(databases.home, prepared), folderOf(databases.home, name), { recursive: true, force: false });
    await fill(url);
  };
  return databases.filled(name, fillCopy, { copyOf: prepared });
}
