import { type Child, startChild } from '../child.js';
import type { ServerProcess } from '../server-process.js';

/** What is asked of a server again and again. */
export interface Request {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: a GET. */
  readonly body: string | null;
}

export type Pace = { readonly connections: number } | { readonly rate: number };

export interface LoadQuestion extends Request {
  readonly origin: string;
  readonly seconds: number;
  readonly pace: Pace;
  /** Every answer must equal this. */
  readonly firstAnswer: string;
}

/** What load/client.ts says of one turn: milliseconds from a request to its parsed answer. */
export interface LoadTurn {
  readonly latencies: readonly number[];
  readonly elapsedSeconds: number;
}

export interface Load {
  /** One turn. @throws Error when an answer is not the first one */
  run(server: ServerProcess, request: Request, firstAnswer: string, seconds: number, pace: Pace): Promise<LoadFigures>;
  end(): Promise<void>;
}

export interface LoadFigures {
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Of the server's process, a request. */
  readonly processorMs: number;
}

export function startLoad(): Load {
  const child: Child<LoadQuestion, LoadTurn> = startChild('load/client');
  return {
    async run(server, request, firstAnswer, seconds, pace) {
      const before = server.processorMs();
      const turn = await child.ask({ origin: server.url, ...request, firstAnswer, seconds, pace });
      const { latencies, elapsedSeconds } = turn;
      return {
        perSecond: latencies.length / elapsedSeconds,
        ...percentiles(latencies),
        processorMs: (server.processorMs() - before) / latencies.length,
      };
    },
    end: () => child.end(),
  };
}

/** One request alone. @throws Error unless the answer is 200 without errors of GraphQL */
export async function askOnce(server: ServerProcess, { path, headers, body }: Request): Promise<string> {
  const init = body === null ? { headers } : { method: 'POST', headers, body };
  const response = await fetch(`${server.url}${path}`, init);
  const text = await response.text();
  if (!response.ok || /^\{"errors"/.test(text)) throw new Error(`${response.status}: ${text.slice(0, 2000)}`);
  return text;
}

/** @param count more than there are values: the others are infinite */
export function percentiles(
  values: readonly number[],
  count = values.length,
): {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
} {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * count) - 1)] ?? Number.POSITIVE_INFINITY;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export function graphql(
  query: string,
  variables: object = {},
  headers: Readonly<Record<string, string>> = {},
): Request {
  return {
    path: '/graphql',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  };
}
