import { setTimeout } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

interface Problem {
  readonly path: readonly string[];
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

interface OperationError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly retryAfterSeconds?: number };
}

/** A client of the platform like any other: HTTP for operations and uploads, WebSocket for events. */
export interface GraphQLClient {
  readonly url: string;
  /** Throws the server's own messages when it answers with errors; one that is too early is asked again in time. */
  request<T>(document: string, variables?: Record<string, unknown>): Promise<T>;
  /** Runs a mutation with one field. Throws when the server answers with typed problems. */
  mutate<T>(document: string, input: Record<string, unknown>): Promise<T>;
  subscribe<T>(document: string, variables: Record<string, unknown>): AsyncGenerator<T, void, unknown>;
  upload(path: string, body: string | Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
}

/** @param apiKey for a server that requires a credential even from its own machine */
export function createGraphQLClient(url: string, apiKey: string | null = null): GraphQLClient {
  const endpoint = new URL('/graphql', url);
  const socketUrl = new URL(endpoint);
  socketUrl.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';
  const authorization: Record<string, string> = apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
  const socket = createClient({
    url: socketUrl.href,
    webSocketImpl: WebSocket,
    retryAttempts: 10,
    connectionParams: authorization,
  });

  async function request<T>(document: string, variables: Record<string, unknown> = {}): Promise<T> {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization },
      body: JSON.stringify({ query: document, variables }),
    });
    const answer = (await response.json()) as { data?: T; errors?: readonly OperationError[] };
    const wait = answer.errors?.find(({ extensions }) => extensions?.code === 'RATE_LIMITED')?.extensions;
    if (wait?.retryAfterSeconds !== undefined) {
      await setTimeout(1000 * wait.retryAfterSeconds);
      return request(document, variables);
    }
    if (answer.errors || !answer.data) {
      throw new Error(answer.errors?.map((error) => error.message).join('\n') ?? `HTTP ${response.status}`);
    }
    return answer.data;
  }

  return {
    url,
    request,

    async mutate<T>(document: string, input: Record<string, unknown>): Promise<T> {
      const data = await request<Record<string, T & { problems?: readonly Problem[] }>>(document, { input });
      const result = Object.values(data)[0]!;
      if (result.problems) throw new Error(result.problems.map(describeProblem).join('\n'));
      return result;
    },

    async *subscribe<T>(document: string, variables: Record<string, unknown>): AsyncGenerator<T, void, unknown> {
      for await (const result of socket.iterate<T>({ query: document, variables })) {
        if (result.errors) throw new Error(result.errors.map((error) => error.message).join('\n'));
        if (result.data) yield result.data as T;
      }
    },

    async upload(path, body) {
      const response = await fetch(new URL(path, url), { method: 'PUT', body });
      if (!response.ok) throw new Error(`The upload was refused: ${await response.text()}`);
    },

    async close() {
      await socket.dispose();
    },
  };
}

function describeProblem(problem: Problem): string {
  const where = problem.path.length > 0 ? ` (at ${problem.path.join('.')})` : '';
  return `${problem.code}${where}: ${problem.message}${problem.hint ? ` ${problem.hint}` : ''}`;
}
