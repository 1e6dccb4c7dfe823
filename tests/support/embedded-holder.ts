import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./hold-embedded-server.mjs', import.meta.url));

type Start =
  | { readonly url: string; readonly origin: 'started' | 'adopted'; readonly processId: number }
  | { readonly code: string; readonly message: string };

/** Another process that starts an embedded server on `home` and holds it. */
export interface Holder extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly start: Start;
  /** Ends it with `signal` and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

export async function holdEmbeddedServer(
  home: string,
  options: { readonly servedAt?: string; readonly uid?: number; readonly gid?: number } = {},
): Promise<Holder> {
  const { servedAt, ...account } = options;
  const child = fork(script, servedAt === undefined ? [home] : [home, servedAt], { ...account, cwd: '/' });
  const exited = once(child, 'exit');
  const [start] = (await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => {
      throw new Error(`The process that should hold the server ended with code ${code}.`);
    }),
  ])) as [Start];
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  return { child, start, end, [Symbol.asyncDispose]: () => end('SIGTERM') };
}
