import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A server in a process of its own, ready for requests. */
export interface ServerProcess {
  /** Of the server, without a path. */
  readonly url: string;
  /** What it printed until it was ready. */
  readonly printed: string;
  /** User and system time of the process since its start, milliseconds. */
  processorMs(): number;
  residentBytes(): number;
  stop(): Promise<void>;
}

/** Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100;
const lastLines = 40;

/**
 * Starts a script of Node in production mode and waits until it prints its address; of an Attune server, the one after
 * “API”. @throws Error with what the process said when it ended before
 */
export async function startServer(
  script: string,
  options: {
    readonly args?: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
    readonly execArgv?: readonly string[];
  } = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...(options.execArgv ?? []), script, ...(options.args ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', ...options.env },
  });
  let said = '';
  const note = (line: string): void => {
    said = [...said.split('\n'), line].slice(-lastLines).join('\n');
  };
  createInterface({ input: child.stderr }).on('line', note);
  const exited = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      note(line);
      const [, address] = /^\s*(?:API|listening)\s+(http:\/\/[^/\s]+)/.exec(line) ?? [];
      if (address !== undefined) resolve(address);
    });
    exited.then(([code, signal]) => reject(new Error(`${script} ended with ${code ?? signal}.\n${said}`)), reject);
  });
  return {
    url,
    get printed() {
      return said;
    },
    processorMs: () => processorMsOf(child.pid!),
    residentBytes: () => residentBytesOf(child.pid!),
    async stop() {
      child.kill();
      await exited;
    },
  };
}

/** User and system time of a process and of its children, milliseconds. */
export function processorMsOf(processId: number): number {
  const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1000;
  return childrenOf(processId).reduce((sum, child) => sum + processorMsOf(child), own);
}

function childrenOf(processId: number): number[] {
  const children = readFileSync(`/proc/${processId}/task/${processId}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').map(Number);
}

export function residentBytesOf(processId: number): number {
  const [, kibibytes] = /VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${processId}/status`, 'utf8')) ?? [];
  return 1024 * Number(kibibytes);
}
