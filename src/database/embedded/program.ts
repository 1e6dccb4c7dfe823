import { spawn } from 'node:child_process';
import type { ServerUser } from './server-user.js';

/**
 * The environment of PostgreSQL's programs: little more than the search path, so that a user's own PG* variables
 * (PGDATA, PGPORT, PGUSER) don't reach them. LC_ALL=C makes messages English, because the code reads some of them.
 */
export function programEnv(source: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP, TMP } = source;
  return { PATH, SystemRoot, TEMP, TMP, LC_ALL: 'C' };
}

/** Runs a program to its end, as `user` if given. Exit code -1 means that the program could not be started. */
export async function runProgram(
  path: string,
  args: readonly string[],
  options: { readonly user: ServerUser | null; readonly cwd: string },
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const { user, cwd } = options;
  return new Promise((resolve) => {
    const child = spawn(path, args, {
      cwd,
      env: programEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
    });
    let output = '';
    const collect = (text: string): void => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.once('error', (error) => resolve({ exitCode: -1, output: error.message }));
    child.once('close', (code) => resolve({ exitCode: code ?? -1, output }));
  });
}
