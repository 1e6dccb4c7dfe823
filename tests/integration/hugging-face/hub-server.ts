import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A file of the stand-in hub's repository. Large files lie elsewhere: a redirect with `x-linked-…` headers leads there.
 */
export interface ServedFile {
  readonly bytes: Buffer;
  readonly isLarge: boolean;
  /** The size that the hub tells, where it lies. */
  readonly claimedBytes?: number;
}

/** What the hub does to a request for a file's bytes. */
interface Trick {
  /**
   * Closes the connection then, when `arrived` has settled: what a client has not read yet is lost with a connection.
   */
  readonly cutAfterBytes?: number;
  /** Says nothing more then, and leaves the connection open. */
  readonly silentAfterBytes?: number;
  /** Answers with this status, and no bytes. */
  readonly status?: number;
  /** Sends a wrong byte at this place. */
  readonly flipByte?: number;
  /** Sends all of a file that was to be continued. */
  readonly ignoreRange?: boolean;
}

/** Null: answers as it should. `count`: requests for this file so far, this one included. */
type Mischief = (request: { readonly name: string; readonly from: number; readonly count: number }) => Trick | null;

export interface StandInHub {
  readonly endpoint: string;
  readonly commit: string;
  /** `GET name bytes=5-`, in the order they came; HEADs are left out. */
  readonly requests: string[];
  /** Tokens that came with requests to the hub itself, and to where large files lie. */
  readonly tokens: { readonly hub: Set<string>; readonly storage: Set<string> };
  mischief: Mischief;
  /** False: redirects come without the `x-linked-…` headers, as from a plain mirror. */
  tellsOfLinks: boolean;
  /** See `Trick.cutAfterBytes`. */
  arrived: Promise<void>;
  /** Answers every request for the repository's description with this status, where set. */
  refusal: { readonly status: number; readonly errorCode?: string } | null;
  close(): Promise<void>;
}

/** A local HTTP server that behaves as huggingface.co does: description of a revision, redirects, ranges, etags. */
export async function openHub(
  repository: string,
  revision: string,
  files: ReadonlyMap<string, ServedFile>,
): Promise<StandInHub> {
  const commit = createHash('sha1').update(revision).digest('hex');
  const requests: string[] = [];
  const tokens = { hub: new Set<string>(), storage: new Set<string>() };
  const counts = new Map<string, number>();
  const storage = createServer((request, response) => {
    tokens.storage.add(request.headers.authorization ?? '');
    sendBytes(request, response, decodeURIComponent(request.url!.slice(1)));
  });
  const server = createServer((request, response) => {
    tokens.hub.add(request.headers.authorization ?? '');
    const path = request.url!;
    if (path === `/api/models/${repository}/revision/${encodeURIComponent(revision)}`) {
      if (hub.refusal !== null) {
        const { status, errorCode } = hub.refusal;
        response.writeHead(status, errorCode === undefined ? {} : { 'x-error-code': errorCode }).end('{}');
        return;
      }
      const siblings = [...files.keys()].map((rfilename) => ({ rfilename }));
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: repository, sha: commit, siblings }));
      return;
    }
    const start = `/${repository}/resolve/${commit}/`;
    const name = path.startsWith(start) ? decodeURIComponent(path.slice(start.length)) : '';
    const file = files.get(name);
    if (file === undefined) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
      return;
    }
    if (!file.isLarge) {
      sendBytes(request, response, name);
      return;
    }
    response
      .writeHead(302, {
        location: `http://localhost:${portOf(storage)}/${encodeURIComponent(name)}`,
        'x-repo-commit': commit,
        ...(hub.tellsOfLinks
          ? {
              'x-linked-size': String(file.claimedBytes ?? file.bytes.length),
              'x-linked-etag': `"${createHash('sha256').update(file.bytes).digest('hex')}"`,
            }
          : {}),
      })
      .end();
  });

  function sendBytes(request: IncomingMessage, response: ServerResponse, name: string): void {
    const { bytes } = files.get(name)!;
    const [, begin, end = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const from = Number(begin ?? 0);
    const to = end === '' ? bytes.length : Math.min(bytes.length, Number(end) + 1);
    const etag = `"${createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')}"`;
    if (request.method === 'HEAD') {
      response.writeHead(200, { etag, 'content-length': bytes.length, 'x-repo-commit': commit }).end();
      return;
    }
    requests.push(`GET ${name}${from > 0 ? ` from ${from}` : ''}${end === '' ? '' : ` to ${end}`}`);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const trick = hub.mischief({ name, from, count }) ?? {};
    if (trick.status !== undefined) {
      response.writeHead(trick.status).end();
      return;
    }
    const isWhole = (from === 0 && end === '') || trick.ignoreRange === true;
    const sent = Buffer.from(isWhole ? bytes : bytes.subarray(from, to));
    if (trick.flipByte !== undefined) sent[trick.flipByte]! ^= 1;
    const headers = { 'content-length': sent.length, etag: '"an etag of its own"' };
    if (isWhole) response.writeHead(200, headers);
    else response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${to - 1}/${bytes.length}` });
    if (trick.cutAfterBytes !== undefined) {
      response.write(sent.subarray(0, trick.cutAfterBytes));
      hub.arrived.then(() => response.destroy());
    } else if (trick.silentAfterBytes !== undefined) {
      response.write(sent.subarray(0, trick.silentAfterBytes));
    } else response.end(sent);
  }

  await Promise.all([listen(server), listen(storage)]);
  const hub: StandInHub = {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    commit,
    requests,
    tokens,
    mischief: () => null,
    tellsOfLinks: true,
    arrived: Promise.resolve(),
    refusal: null,
    async close() {
      for (const one of [server, storage]) {
        one.closeAllConnections();
        await new Promise((resolve) => one.close(resolve));
      }
    },
  };
  return hub;
}

function listen(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => server.listen(0, resolve));
}

function portOf(server: ReturnType<typeof createServer>): number {
  return (server.address() as AddressInfo).port;
}
