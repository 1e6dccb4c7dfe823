import type { Client as Socket } from 'graphql-ws/client';
import type { FileSource } from './file-source.js';
import { CreateUpload, LastEventSeq, PendingUploads } from './generated/operations.js';
import { type Credentials, fetchOnce, type Server, sendOperation, withRetries } from './http.js';
import { newIdempotencyKey } from './idempotency-key.js';
import { allNodes } from './pages.js';
import { orThrow } from './problems.js';
import { openSocket } from './socket.js';
import { type SubscribeOptions, subscribeWithResume } from './subscription.js';
import {
  type FieldOf,
  fieldOf,
  type MutationDocument,
  type QueryDocument,
  type SubscriptionDocument,
} from './typed-document.js';
import { refusalOf, sendParts, type UploadOptions } from './upload.js';
import type { RetrySettings } from './waiting.js';

export interface ClientOptions {
  /** Where the server is, such as `https://attune.example.org`. A page of the server itself gives its own origin. */
  readonly url: string | URL;
  /** Null: the session of whoever signed in, or nobody's on loopback. */
  readonly apiKey?: string | null;
  /** `include` for a page of another origin that people sign in to. Default: `same-origin`. */
  readonly credentials?: Credentials;
  /** Default: those of the browser or of Node. Node 20 has no WebSocket: take `createClient` of the entry for Node. */
  readonly fetch?: typeof fetch;
  readonly webSocketImpl?: unknown;
  /** Default: 10 attempts after the first, the first after 0.5 s and none later than 15 s after the last. */
  readonly retry?: Partial<RetrySettings>;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
}

/**
 * A client of Attune's API. Every call throws `ConnectionError` when the server can't be reached, `RefusedError` when
 * it refuses, and the reason of its signal when that is aborted.
 */
export interface AttuneClient extends AsyncDisposable {
  readonly url: string;
  /** The whole answer of a query. Asked again after a lost connection, 429 and 503. */
  query<Result, Variables>(
    document: QueryDocument<Result, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ): Promise<Result>;
  /**
   * What a mutation says: the object or `Problems`, told apart by `isProblems`, or by `orThrow` for those who want an
   * error. Sent again where that is safe: after 429 always, after a lost connection if its input takes an
   * `idempotencyKey`, which is made where none is given.
   */
  mutate<Result, Variables extends { readonly input: unknown }>(
    document: MutationDocument<Result, Variables>,
    input: Variables['input'],
    options?: RequestOptions,
  ): Promise<FieldOf<Result>>;
  /** Events, each once, in order, whatever becomes of the connection. They end when the server says so. */
  subscribe<Result, Variables>(
    document: SubscriptionDocument<Result, Variables>,
    variables: Variables,
    options?: SubscribeOptions,
  ): AsyncGenerator<FieldOf<Result>, void, undefined>;
  /** Sends a file in parts that go on where they broke off; returns the `uploadId` for `createDataset` and the like. */
  upload(source: FileSource, options?: UploadOptions): Promise<string>;
  /** Gets what a URL in an answer names, such as a file of an export. Its body may be read as it comes. */
  download(path: string, options?: RequestOptions & { readonly headers?: Record<string, string> }): Promise<Response>;
  /** Closes the WebSocket. */
  close(): Promise<void>;
}

const defaultRetry: RetrySettings = { maxRetries: 10, shortestMs: 500, longestMs: 15_000 };

/** A client for browsers, and for Node from 22 on. Opens no connection before it is asked for something. */
export function createClient(options: ClientOptions): AttuneClient {
  const base = String(options.url);
  const server: Server = {
    url: new URL(base.endsWith('/') ? base : `${base}/`),
    apiKey: options.apiKey ?? null,
    credentials: options.credentials ?? 'same-origin',
    fetch: options.fetch ?? ((...args) => fetch(...args)),
    retry: { ...defaultRetry, ...options.retry },
  };
  let opened: Socket | null = null;
  const socket = (): Socket => {
    opened ??= openSocket(server, options.webSocketImpl);
    return opened;
  };

  function send<Result>(
    document: { readonly name: string | null; readonly text: string },
    variables: unknown,
    isRepeatable: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    const operation = { query: document.text, operationName: document.name, variables };
    return withRetries(
      server.retry,
      { isRepeatable, signal },
      () => sendOperation(server, operation, signal) as Promise<Result>,
    );
  }

  const client: AttuneClient = {
    url: server.url.href.replace(/\/$/, ''),

    query: (document, variables, { signal } = {}) => send(document, variables, true, signal),

    async mutate<Result, Variables extends { readonly input: unknown }>(
      document: MutationDocument<Result, Variables>,
      input: Variables['input'],
      { signal }: RequestOptions = {},
    ) {
      const keyed = document.isKeyed ? { idempotencyKey: newIdempotencyKey(), ...withoutNullKey(input) } : input;
      const data: Result = await send(document, { input: keyed }, document.isKeyed, signal);
      return fieldOf(data);
    },

    subscribe(document, variables, subscribing = {}) {
      const now = async (of: unknown) => {
        const { projectSlug = null } = of as { projectSlug?: string | null };
        const { signal } = subscribing;
        const { project } = await client.query(LastEventSeq, { projectSlug }, { signal });
        return project?.lastEventSeq ?? 0;
      };
      return subscribeWithResume(server, socket, document, variables, subscribing, now);
    },

    async upload(source, uploading = {}) {
      const upload = (await pendingUpload(source, uploading)) ?? (await newUpload(source, uploading));
      if (upload.status !== 'RECEIVED') {
        const target = new URL(upload.url, server.url);
        await sendParts(server, target, source, Number(upload.receivedBytes), uploading);
      }
      return upload.id;
    },

    download(path, { signal, headers } = {}) {
      const target = new URL(path, server.url);
      return withRetries(server.retry, { isRepeatable: true, signal }, async () => {
        const response = await fetchOnce(server, target, {
          headers,
          signal,
        });
        if (!response.ok) throw await refusalOf(response);
        return response;
      });
    },

    async close() {
      // A connection that fails while it is opened has nothing to close.
      await opened?.dispose()?.catch(() => undefined);
      opened = null;
    },

    [Symbol.asyncDispose]: () => client.close(),
  };

  async function newUpload(source: FileSource, { format, projectSlug, signal }: UploadOptions) {
    const { name, sizeBytes, sha256 } = source;
    const input = { fileName: name, sizeBytes, sha256, format, projectSlug };
    const upload = orThrow(await client.mutate(CreateUpload, input, { signal }));
    return { ...upload, status: 'WAITING' as const };
  }

  async function pendingUpload(source: FileSource, { continuesPending, format, projectSlug, signal }: UploadOptions) {
    if (continuesPending !== true) return null;
    const pending = allNodes(async (after) => {
      const variables = { after, projectSlug: projectSlug ?? null };
      const { project } = await client.query(PendingUploads, variables, { signal });
      return project?.pendingUploads;
    });
    for await (const upload of pending) {
      const isSame =
        upload.fileName === source.name &&
        Number(upload.sizeBytes) === source.sizeBytes &&
        (upload.sha256 ?? undefined) === source.sha256 &&
        (format === undefined || upload.format === format);
      if (isSame) return upload;
    }
    return null;
  }

  return client;
}

function withoutNullKey(input: unknown): object {
  const { idempotencyKey, ...rest } = input as { idempotencyKey?: string | null };
  return idempotencyKey === null || idempotencyKey === undefined ? rest : { ...rest, idempotencyKey };
}
