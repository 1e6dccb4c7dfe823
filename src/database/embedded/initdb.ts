import { access, chmod, chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseError } from '../errors.js';
import type { Binaries } from './binaries.js';
import { runProgram } from './program.js';
import type { ServerUser } from './server-user.js';

/** The superuser of an embedded server. */
export const superuser = 'attune';

/**
 * Creates the data folder, once. The folder is built under another name and renamed when finished: an interrupted first
 * start leaves nothing that looks like a database, and of two simultaneous first starts one wins and the other uses its
 * folder.
 *
 * The built-in C.UTF-8 locale sorts by code point on every system, no matter which locales are installed.
 */
export async function initializeDataFolder(options: {
  readonly dataFolder: string;
  readonly binaries: Binaries;
  readonly user: ServerUser | null;
  readonly password: string;
  /** False only for data that may be lost in a crash: in tests. */
  readonly durable: boolean;
}): Promise<'created' | 'present'> {
  const { dataFolder, binaries, user, password, durable } = options;
  if (await isInitialized(dataFolder)) return 'present';
  const partial = `${dataFolder}.${process.pid}`;
  const passwordFile = `${partial}.password`;
  const remove = async (): Promise<void> => {
    await rm(partial, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  };
  await remove();
  try {
    const parent = dirname(dataFolder);
    // A new parent folder outside the home folder must be open to the server's user, whatever the umask.
    if ((await mkdir(parent, { recursive: true })) !== undefined) await chmod(parent, 0o755);
    await mkdir(partial, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (user !== null) for (const path of [partial, passwordFile]) await chown(path, user.uid, user.gid);
    const { exitCode, output } = await runProgram(
      binaries.initdb,
      [
        `--pgdata=${partial}`,
        `--username=${superuser}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        ...(durable ? [] : ['--no-sync']),
      ],
      { user, cwd: partial },
    );
    if (exitCode !== 0) {
      throw new DatabaseError(
        'START_FAILED',
        `The database in ${dataFolder} could not be created: ${output.trim()}`,
        'Set ATTUNE_HOME to another folder, or DATABASE_URL to an existing PostgreSQL server.',
      );
    }
    await rename(partial, dataFolder);
    return 'created';
  } catch (error) {
    if (await isInitialized(dataFolder)) return 'present';
    throw error;
  } finally {
    await remove();
  }
}

async function isInitialized(dataFolder: string): Promise<boolean> {
  return access(join(dataFolder, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}
