import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What npm links as `attune`. */
export const attuneScript = fileURLToPath(new URL('../../clients/command-line/attune.mjs', import.meta.url));

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Starts the command `attune` as npm links it. `said` resolves when it has ended. */
export function startAttune(
  words: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly input?: string; readonly folder?: string },
): { readonly child: ChildProcess; readonly said: Promise<Said> } {
  const child = spawn(process.execPath, [attuneScript, ...words], {
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...options.env },
    cwd: options.folder,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const said = (async () => {
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: child.exitCode, out, err };
  })();
  return { child, said };
}
