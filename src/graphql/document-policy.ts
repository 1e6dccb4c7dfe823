import { GraphQLError } from 'graphql';
import { sha256Hex } from '../protocol/sha256-hex.js';
import { refuseDeepDocument } from './document-nesting.js';
import type { PersistedDocuments } from './persisted-documents.js';

/**
 * `any`: clients may send documents as text. `persisted-only`: clients may run only documents that the server knows.
 */
export type DocumentMode = 'any' | 'persisted-only';

/** The parts of a request that name its document. They come from outside, so their types must be checked. */
export interface DocumentRequest {
  readonly query?: unknown;
  /** As in the draft of the GraphQL over HTTP specification. */
  readonly documentId?: unknown;
  /** Holds `persistedQuery: { sha256Hash }` of Apollo's clients. */
  readonly extensions?: unknown;
}

/**
 * The text of the document that a request names or sends, or the error that refuses it. Null: the request does neither.
 */
export type FindDocument = (request: DocumentRequest) => string | GraphQLError | null;

export function documentPolicy(documents: PersistedDocuments, mode: DocumentMode): FindDocument {
  return (request) => {
    const text = typeof request.query === 'string' && request.query !== '' ? request.query : null;
    const id = idOf(request);
    if (text !== null) {
      const hash = hashOf(request.extensions);
      if (hash !== null && hash !== sha256Hex(text)) return hashDiffers;
      if (mode !== 'any' && !documents.holds(text)) return documentRequired;
      return refuseDeepDocument(text) ?? text;
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

/** `extensions` without the part that named the document. */
export function withoutPersistedQuery(extensions: unknown): unknown {
  if (!isRecord(extensions)) return extensions;
  const { persistedQuery: _, ...others } = extensions;
  return others;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Messages and status codes that make Apollo's clients send the text instead. */
const notFound = refusal('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND', 200);
const notSupported = refusal('PersistedQueryNotSupported', 'PERSISTED_QUERY_NOT_SUPPORTED', 200);
const hashDiffers = refusal('The document does not have this hash.', 'BAD_REQUEST', 400);
const documentRequired = refusal(
  'This server runs only known documents: send the `documentId` of one of them.',
  'PERSISTED_DOCUMENT_REQUIRED',
  400,
);

function refusal(message: string, code: string, status: number): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status } } });
}
