import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { InterruptedError } from './command-error.js';
import { exitCodes } from './exit-codes.js';
import { run } from './run.js';

/** The process of `attune`. */

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second time somebody means it.
    if (interrupted.signal.aborted) process.exit(exitCodes.interrupted);
    interrupted.abort(new InterruptedError());
  });
}
// A reader that has seen enough, such as head, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
});

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

process.exitCode = await run(
  process.argv.slice(2),
  {
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    homeFolder: homedir(),
    signal: interrupted.signal,
  },
  version,
);
// Standard input may hold the process, where a terminal or a pipe stays open.
process.stdin.destroy();
