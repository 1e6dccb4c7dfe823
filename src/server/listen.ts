import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The address can't be listened on: what is wrong and what to do, for whoever starts the server. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const hints: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'Another program uses it; is Attune running already? Stop that, or set PORT to another number, or to 0 for any.',
  EACCES: 'This user may not use it. Set PORT to a number from 1024.',
  EADDRNOTAVAIL: 'This machine has no such address. Set HOST to one it has, such as 127.0.0.1.',
  ENOTFOUND: 'There is no such name. Set HOST to an address of this machine, such as 127.0.0.1.',
};

/** Listens, and returns the URL to reach it by. Throws ListenError. */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const hint = hints[code];
    if (hint === undefined) throw error;
    throw new ListenError(`The address ${host}:${port} can't be listened on (${code}). ${hint}`, { cause: error });
  }
  const { port: chosen } = server.address() as AddressInfo;
  return `http://${urlHost(host)}:${chosen}`;
}

/** "All addresses" is no address to go to. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
