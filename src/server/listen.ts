import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** The server can't listen on its address; the message says why, and what to do, to whoever starts the server. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const hints: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'Another program uses this port; is Attune running already? Stop that program, or set PORT to another number, or to 0 for any free port.',
  EACCES: 'This user may not use this port. Set PORT to a number from 1024.',
  EADDRNOTAVAIL: 'This machine does not have this address. Set HOST to an address it has, such as 127.0.0.1.',
  ENOTFOUND: 'This name does not exist. Set HOST to an address of this machine, such as 127.0.0.1.',
};

/**
 * Throws ListenError if a server could not listen here now: to be told before anything else is started. Port 0 is any
 * free one.
 */
export async function requireFree(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  await begin(probe, host, port);
  probe.close();
  await once(probe, 'close');
}

/**
 * Listens, and returns the server's URL. Throws ListenError.
 * @param prefix what the names of the variables begin with that say where, e.g. `ATTUNE_METRICS`; default: nothing
 */
export async function listen(server: Server, host: string, port: number, prefix = ''): Promise<string> {
  await begin(server, host, port, prefix);
  const { port: chosen } = server.address() as AddressInfo;
  return `http://${urlHost(host)}:${chosen}`;
}

async function begin(server: Server, host: string, port: number, prefix = ''): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const named = prefix === '' ? hints[code] : hints[code]?.replace(/\b(PORT|HOST)\b/g, `${prefix}_$1`);
    if (named === undefined) throw error;
    throw new ListenError(`The server can't listen on ${host}:${port} (${code}). ${named}`, { cause: error });
  }
}

/** A browser can't open the wildcard addresses, which mean "all addresses". */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
