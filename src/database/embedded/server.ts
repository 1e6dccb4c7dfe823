import { once } from 'node:events';
import { mkdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { messageOf } from '../../protocol/message-of.js';
import { DatabaseError } from '../errors.js';
import { type Binaries, locateNativePackage, prepareBinaries } from './binaries.js';
import { initializeDataFolder, superuser } from './initdb.js';
import { type Launched, launchServer } from './launch.js';
import { type Owner, type Ownership, takeOwnership } from './ownership.js';
import { chooseDataFolder, outsideFolder } from './places.js';
import { findPostmaster, type Postmaster, signalPostmaster, stopPostmaster } from './postmaster.js';
import { chooseServerUser, type ServerUser } from './server-user.js';
import { createServerSettings, readServerSettings } from './settings-file.js';
import { systemAccounts } from './system-accounts.js';

/** Recovery after a crash may take this long. */
const startTimeoutMs = 120_000;
const pollIntervalMs = 20;
/**
 * A start fails when another program took the probed port, or a dying server's memory is still mapped: both are worth
 * another try.
 */
const launchAttempts = 5;
/** The n-th launch after a failed one waits n times as long: a killed server's processes take a moment to end. */
const launchDelayMs = 200;
/** A server that goes away more often than this within the period is beyond what a restart mends. */
const mostRestarts = 5;
const restartPeriodMs = 600_000;

export interface EmbeddedServerOptions {
  /** ATTUNE_HOME. Created if it is missing. */
  readonly home: string;
  readonly log: (message: string) => void;
  /**
   * Called once if the server went away and could not be started again: then the only thing left to do is to end this
   * process.
   */
  readonly onLost: (error: DatabaseError) => void;
  /**
   * Called before anything is made or started, unless a server runs on the data already: another process may own that,
   * which is what there is to tell then. If it throws, nothing was done.
   */
  readonly beforeStart?: () => Promise<void>;
  /** False only for data that may be lost in a crash: in tests. */
  readonly durable?: boolean;
}

export interface EmbeddedServer {
  /** The URL of the database `attune`. */
  readonly url: string;
  /** `adopted`: the server was already running, left by a process that was killed. */
  readonly origin: 'started' | 'adopted';
  /** Of the server process, another one after a restart. */
  readonly processId: number;
  /** The URL of any database on this server. */
  databaseUrl(name: string): string;
  /** Tells other starts with the same home folder which URL this process serves. */
  announce(url: string): Promise<void>;
  /** Fast shutdown. Resolves when the server process is gone. */
  stop(): Promise<void>;
}

/** A server process, and this process's hold on it. */
interface Running {
  readonly postmaster: Postmaster;
  /** Null: it ran before this process came. */
  readonly launched: Launched | null;
  readonly owned: Ownership;
}

/**
 * Attune's own PostgreSQL server on the data under `home`, owned by this process alone. If it goes away by itself, it
 * is started again on the same port: whoever has its URL connects again, and finds all that was committed.
 *
 * @throws DatabaseError HOME_IN_USE (another process owns it), START_FAILED, NO_EMBEDDED_SERVER
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { log, durable = true, beforeStart = async () => undefined } = options;
  if (!(await isRunning(options.home))) await beforeStart();
  await mkdir(options.home, { recursive: true });
  const home = await realpath(options.home);
  const { dataFolder, password, binaries, user } = await prepare(home, durable, log);
  const urlOf = (port: number, database: string): string =>
    `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;

  const settings: Readonly<Record<string, string>> = durable
    ? {}
    : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  let stopping = false;
  let announced: string | null = null;
  let restarting: Promise<void> = Promise.resolve();
  let restarts: readonly number[] = [];
  // While a server is opened, `open` itself tells of its loss.
  let isOpening = true;
  let running = await open(null);
  isOpening = false;
  const { port } = running.postmaster;
  const origin = running.launched === null ? 'adopted' : 'started';
  // For exits that leave no time to wait: the server finishes its shutdown without this process.
  const onExit = (): void => signalPostmaster(running.postmaster.processId);
  process.once('exit', onExit);
  if (origin === 'adopted') {
    log(`Adopted the PostgreSQL server ${running.postmaster.processId} that an earlier process had left running`);
  }
  await ensureDatabase(urlOf(port, 'postgres'));

  return {
    url: urlOf(port, 'attune'),
    origin,
    get processId() {
      return running.postmaster.processId;
    },
    databaseUrl: (name) => urlOf(port, name),
    async announce(url) {
      announced = url;
      await running.owned.announce(url);
    },
    stop,
  };

  /** @param port the port that the server must have; null: any */
  async function open(port: number | null): Promise<Running> {
    const found = await findOrLaunch({ dataFolder, binaries, user, settings, urlOf, port });
    if (port !== null && found.postmaster.port !== port) {
      throw new Error(`A server runs on the data, but on port ${found.postmaster.port} in place of ${port}.`);
    }
    const taken = await takeOwnership(urlOf(found.postmaster.port, 'postgres'), (error) => {
      if (!stopping && !isOpening) restarting = recover(error);
    });
    if ('heldBy' in taken) throw homeInUse(home, taken.heldBy);
    return { ...found, owned: taken.owned };
  }

  /** Starts the server again. Never rejects: what can't be mended is told to `onLost`. */
  async function recover(reason: Error): Promise<void> {
    isOpening = true;
    log(`The PostgreSQL server went away (${reason.message}) and is started again`);
    let failure: unknown = reason;
    while (!stopping && mayRestart()) {
      try {
        running = await open(port);
        // Fails if the server went away once more in the meantime.
        await running.owned.announce(announced ?? '');
        isOpening = false;
        log(`The PostgreSQL server runs again, as process ${running.postmaster.processId}`);
        return;
      } catch (error) {
        failure = error;
      }
    }
    lose(reason, failure);
  }

  /** Counts a restart. False: it would be one too many. */
  function mayRestart(): boolean {
    const now = performance.now();
    restarts = [...restarts.filter((at) => now - at < restartPeriodMs), now];
    return restarts.length <= mostRestarts;
  }

  function lose(reason: Error, failure: unknown): void {
    if (stopping) return;
    stopping = true;
    process.off('exit', onExit);
    options.onLost(
      new DatabaseError(
        'SERVER_LOST',
        `The PostgreSQL server in ${dataFolder} went away (${reason.message}) and could not be started again: ${messageOf(failure)}.`,
        `Its log is in ${join(dataFolder, 'log')}. Start again.`,
      ),
    );
  }

  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    process.off('exit', onExit);
    await restarting;
    const { owned, launched, postmaster } = running;
    await owned.release();
    // From here on, this process stays alive until the server has ended.
    launched?.child.ref();
    const exited = launched === null || hasEnded(launched) ? null : once(launched.child, 'exit');
    await stopPostmaster(dataFolder, postmaster.processId);
    await exited;
  }
}

/** Whether a server runs on the data of a home folder. */
async function isRunning(home: string): Promise<boolean> {
  const known = await readServerSettings(home);
  return known !== null && (await findPostmaster(dataFolderOf(home, known))) !== null;
}

function dataFolderOf(home: string, { dataFolder }: { readonly dataFolder?: string | null | undefined }): string {
  return dataFolder ?? join(home, 'postgres');
}

/** Prepares everything that a server needs before it can run: its user, programs, data folder and password. */
async function prepare(
  home: string,
  durable: boolean,
  log: (message: string) => void,
): Promise<{ dataFolder: string; password: string; binaries: Binaries; user: ServerUser | null }> {
  const known = await readServerSettings(home);
  const recorded = known === null ? null : dataFolderOf(home, known);
  const user = await serverUser(recorded ?? join(home, 'postgres'), log);
  const dataFolder = recorded ?? (await chooseDataFolder(home, user, log));
  const { password } = known ?? (await createServerSettings(home, dataFolder));

  const native = await locateNativePackage();
  const binaries = await prepareBinaries({
    native: native.folder,
    copyFolder: async () => join(user === null ? home : await outsideFolder(user), `postgresql-${native.name}`),
    user,
    log,
  });
  const made = await initializeDataFolder({ dataFolder, binaries, user, password, durable });
  if (made === 'created' && known !== null) log(`No database was left in ${dataFolder}: started with an empty one`);
  return { dataFolder, password, binaries, user };
}

async function serverUser(dataFolder: string, log: (message: string) => void): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null;
  const owner = await stat(dataFolder).catch(() => null);
  return chooseServerUser(systemAccounts, owner, log);
}

/** The running server, once it accepts connections; if none runs, one is started (`launched`). */
async function findOrLaunch(
  options: Parameters<typeof launchServer>[0] & { readonly urlOf: (port: number, database: string) => string },
): Promise<{ readonly postmaster: Postmaster; readonly launched: Launched | null }> {
  const { dataFolder, urlOf } = options;
  const deadline = performance.now() + startTimeoutMs;
  let launched: Launched | null = null;
  let launches = 0;
  while (performance.now() < deadline) {
    const postmaster = await findPostmaster(dataFolder);
    if (postmaster !== null && postmaster.port > 0 && (await accepts(urlOf(postmaster.port, 'postgres')))) {
      return { postmaster, launched: launched?.child.pid === postmaster.processId ? launched : null };
    }
    if (postmaster === null && (launched === null || hasEnded(launched))) {
      if (launches === launchAttempts) break;
      await delay(launches * launchDelayMs);
      launches += 1;
      launched = await launchServer(options);
      launched.child.once('error', () => undefined);
    }
    await delay(pollIntervalMs);
  }
  throw new DatabaseError(
    'START_FAILED',
    `PostgreSQL did not start in ${dataFolder}: ${(await launched?.earlyOutput())?.trim() ?? 'no connection'}`,
    `Its log is in ${join(dataFolder, 'log')}.`,
  );
}

/** Whether a launched process has ended, by itself or by a signal, or never began. */
function hasEnded({ child }: Launched): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/**
 * Whether a server accepts connections; a server that starts up or shuts down does not. Throws when it will never
 * accept ours.
 */
async function accepts(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    // 28xxx: invalid authorization. The password file belongs to another data folder.
    if (error instanceof pg.DatabaseError && error.code?.startsWith('28') === true) throw error;
    return false;
  } finally {
    await client.end();
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = 'attune'");
    if (rowCount === 0) await client.query('CREATE DATABASE attune');
  } finally {
    await client.end();
  }
}

function homeInUse(home: string, owner: Owner): DatabaseError {
  const where = owner.url === null ? 'still starting' : `serving ${owner.url}`;
  return new DatabaseError(
    'HOME_IN_USE',
    `${home} is in use by process ${owner.processId} since ${owner.since.toISOString()}, ${where}.`,
    'Use that server, or set ATTUNE_HOME to another folder to run a second one.',
  );
}
