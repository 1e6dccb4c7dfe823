import { bytesSource, createClient, type Problem, ProblemsError } from '../../clients/typescript/node.js';

/** The client of clients/typescript for documents that are texts, with the types that whoever asks gives. */
export interface GraphQLClient {
  readonly url: string;
  /** Asks a query. Throws the server's own messages when it answers with errors. */
  request<T>(document: string, variables?: Record<string, unknown>): Promise<T>;
  /** Runs a mutation with one field. Throws when the server answers with typed problems. */
  mutate<T>(document: string, input: Record<string, unknown>): Promise<T>;
  /** Goes on after a break; behind the last event where the document takes `$afterSeq` and selects `seq`. */
  subscribe<T>(document: string, variables: Record<string, unknown>): AsyncGenerator<T, void, unknown>;
  /** Sends rows as JSON lines. Returns the id of the upload. */
  uploadRows(name: string, rows: readonly object[]): Promise<string>;
  close(): Promise<void>;
}

/** @param apiKey for a server that requires a credential even from its own machine */
export function createGraphQLClient(url: string, apiKey: string | null = null): GraphQLClient {
  const client = createClient({ url, apiKey });

  return {
    url,

    request: <T>(text: string, variables: Record<string, unknown> = {}) =>
      client.query<T, Record<string, unknown>>({ kind: 'query', name: nameOf(text), text }, variables),

    async mutate<T>(text: string, input: Record<string, unknown>): Promise<T> {
      type Answer = Record<string, T & { readonly problems?: readonly Problem[] }>;
      const document = { kind: 'mutation', name: nameOf(text), text, isKeyed: false } as const;
      const result = await client.mutate<Answer, { readonly input: Record<string, unknown> }>(document, input);
      if (result.problems) throw new ProblemsError(result.problems);
      return result;
    },

    async *subscribe<T>(text: string, variables: Record<string, unknown>): AsyncGenerator<T, void, unknown> {
      const resumes = text.includes('$afterSeq') ? 'SEQ' : 'STATE';
      const document = { kind: 'subscription', name: nameOf(text), text, resumes } as const;
      const field = /^[^{]*\{\s*(\w+)/.exec(text)?.[1] ?? '';
      for await (const value of client.subscribe(document, variables)) yield { [field]: value } as T;
    },

    uploadRows: (name, rows) => {
      const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      return client.upload(bytesSource(lines, `${name}.jsonl`), { format: 'JSONL' });
    },

    close: () => client.close(),
  };
}

/** Null: the operation has none. */
function nameOf(text: string): string | null {
  return /^\s*(?:query|mutation|subscription)\s+(\w+)/.exec(text)?.[1] ?? null;
}
