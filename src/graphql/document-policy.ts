import { GraphQLError } from 'graphql';
import { digestOf, type PersistedDocuments } from './persisted-documents.js';

/** `any`: documents may be sent as text. `persisted-only`: those alone that the server knows. */
export type DocumentMode = 'any' | 'persisted-only';

/** The parts of a request that say which document is meant. They come from outside: their types are to be checked. */
export interface DocumentRequest {
  readonly query?: unknown;
  /** As the GraphQL over HTTP specification drafts it. */
  readonly documentId?: unknown;
  /** Holds `persistedQuery: { sha256Hash }` of Apollo's clients. */
  readonly extensions?: unknown;
}

/** The text of the document that a request means, or why it is refused. Null: it names none, and sends none. */
export type FindDocument = (request: DocumentRequest) => string | GraphQLError | null;

export function documentPolicy(documents: PersistedDocuments, mode: DocumentMode): FindDocument {
  return (request) => {
    const text = typeof request.query === 'string' && request.query !== '' ? request.query : null;
    const id = idOf(request);
    if (text !== null) {
      const hash = hashOf(request.extensions);
      if (hash !== null && hash !== digestOf(text)) return hashDiffers;
      return mode === 'any' || documents.holds(text) ? text : documentRequired;
    }
    if (id !== null) return documents.find(id) ?? (documents.size === 0 ? notSupported : notFound);
    return mode === 'any' ? null : documentRequired;
  };
}

function idOf({ documentId, extensions }: DocumentRequest): string | null {
  return typeof documentId === 'string' ? documentId : hashOf(extensions);
}

function hashOf(extensions: unknown): string | null {
  if (!isRecord(extensions) || !isRecord(extensions.persistedQuery)) return null;
  const { sha256Hash } = extensions.persistedQuery;
  return typeof sha256Hash === 'string' ? sha256Hash : null;
}

/** `extensions` without what has been answered by finding the document. */
export function withoutPersistedQuery(extensions: unknown): unknown {
  if (!isRecord(extensions)) return extensions;
  const { persistedQuery: _, ...others } = extensions;
  return others;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Messages and status as Apollo's clients expect them, which then send the text. */
const notFound = refusal('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND', 200);
const notSupported = refusal('PersistedQueryNotSupported', 'PERSISTED_QUERY_NOT_SUPPORTED', 200);
const hashDiffers = refusal('The document is not the one of this hash.', 'BAD_REQUEST', 400);
const documentRequired = refusal(
  'This server runs known documents only: send the `documentId` of one of them.',
  'PERSISTED_DOCUMENT_REQUIRED',
  400,
);

function refusal(message: string, code: string, status: number): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status } } });
}
