import './server/production-by-default.js';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import pretty from 'pino-pretty';
import { DatabaseError } from './database/errors.js';
import { type Env, readEnv } from './env.js';
import { ManifestError } from './graphql/persisted-documents.js';
import { type Platform, startPlatform } from './platform.js';
import { EnvironmentError } from './protocol/environment.js';
import { toLoggedError } from './protocol/logged-error.js';
import { onStopSignals } from './protocol/stop-signals.js';
import { ListenError } from './server/listen.js';
import { isLoopback } from './server/local-only.js';
import { requestFields } from './server/request-ids.js';

/** Exit codes: 1 for faults, 2 for settings that must be changed before a start can succeed. */
const exitFault = 1;
const exitMisconfigured = 2;

const env = readEnvOrExit();
/** Log lines are JSON, also those of the workers; on a terminal they are made readable. */
const output = process.stdout.isTTY
  ? pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' })
  : pino.destination(1);
const logger = pino(
  { name: 'api', level: env.logLevel, serializers: { err: toLoggedError }, mixin: requestFields },
  output,
);

const starting = startPlatform(env, {
  logger,
  workerScript: fileURLToPath(new URL('../gpu-worker/main.js', import.meta.url)),
  workerEnv: process.env,
  writeWorkerLine: (line) => output.write(`${line}\n`),
  onLost(error) {
    logger.fatal(error.message);
    process.exit(exitFault);
  },
});

onStopSignals({
  onStop(signal) {
    logger.info(`${signal}: stopping. A training writes a checkpoint first; press Ctrl+C again to end at once`);
    starting
      .then((platform) => platform.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          logger.fatal({ err: error }, 'Stopping failed');
          process.exit(exitFault);
        },
      );
  },
  onInsist() {
    logger.warn('Ending at once');
    process.exit(exitFault);
  },
});

starting.then((platform) => process.stdout.write(summaryOf(platform, env)), exitWith);

function summaryOf(
  { url: listensAt, version, database, ownerKey }: Platform,
  { home, workers, engine, host, trustLocal, signIn, publicUrl }: Env,
): string {
  const url = publicUrl ?? listensAt;
  const lines = [
    '',
    `Attune ${version} is ready.`,
    '',
    `  Explorer  ${url}           queries, mutations and subscriptions to try`,
    `  API       ${url}/graphql`,
    `  Data      ${home} (${database})`,
    `  Workers   ${workers === 0 ? 'none here: start them with `npm run worker`' : `${workers}, engine ${engine}`}`,
  ];
  if (ownerKey !== null) {
    lines.push(
      `  Owner key ${ownerKey}`,
      '            It may do everything, and is shown only now. Send it as `Authorization: Bearer <key>`.',
    );
  }
  const keyed = signIn === null ? 'with an API key only' : 'with an API key, or signed in at /auth/sign-in';
  const isOpen = trustLocal && isLoopback(host);
  lines.push(`  Access    ${isOpen ? 'from this machine without a key' : keyed}`, '');
  return `${lines.join('\n')}\n`;
}

function exitWith(error: unknown): never {
  if (error instanceof DatabaseError || error instanceof ListenError || error instanceof ManifestError) {
    process.stderr.write(`Attune can't start.\n${error.message}\n`);
    // An unreachable database may come back; every other error stays until somebody changes a setting.
    process.exit(error instanceof DatabaseError && error.code === 'UNREACHABLE' ? exitFault : exitMisconfigured);
  }
  logger.fatal({ err: error }, 'Attune did not start');
  process.exit(exitFault);
}

function readEnvOrExit(): Env {
  try {
    return readEnv();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`Attune can't start.\n${error.message}\n`);
    process.exit(exitMisconfigured);
  }
}
