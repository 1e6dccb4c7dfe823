import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../root.js';

/** A process of the product, started as a user starts it. */
export interface ProductProcess {
  readonly processId: number;
  /** The last lines of its log. */
  tail(): string;
  hasEnded(): boolean;
  /** Resolves with the first match of `pattern` in its output; rejects when it ends before. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
  signal(name: NodeJS.Signals): void;
  /** Sends the signal, and resolves when the process is gone. */
  end(name: NodeJS.Signals): Promise<void>;
}

const keptCharacters = 64 * 1024;

export function startProcess(script: string, env: Readonly<Record<string, string>>): ProductProcess {
  const child: ChildProcess = spawn(process.execPath, [join(root, 'dist', script)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // However this process ends, it leaves none behind: an API that ends in order ends its database too.
  const endWithParent = () => {
    child.kill('SIGCONT');
    child.kill('SIGTERM');
  };
  process.once('exit', endWithParent);
  child.once('exit', () => process.off('exit', endWithParent));
  const exited = once(child, 'exit');
  exited.catch(() => undefined);
  let output = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-keptCharacters);
      for (const check of waiting) check();
    });
  }
  child.once('exit', () => {
    for (const check of waiting) check();
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    processId: child.pid ?? 0,
    tail: () => output.trimEnd().split('\n').slice(-40).join('\n'),
    hasEnded,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const match = output.match(pattern);
          if (match === null && !hasEnded()) return;
          waiting.delete(check);
          if (match !== null) resolve(match);
          else reject(new Error(`${script} ended before it printed ${pattern}:\n${output}`));
        };
        waiting.add(check);
        check();
      }),
    signal(name) {
      if (!hasEnded()) child.kill(name);
    },
    async end(name) {
      if (hasEnded()) return;
      // A stopped process takes no other signal than SIGKILL before it goes on.
      if (name !== 'SIGKILL') child.kill('SIGCONT');
      child.kill(name);
      await exited;
    },
  };
}
