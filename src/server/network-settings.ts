import { delimiter, resolve } from 'node:path';
import { z } from 'zod';
import type { DocumentMode } from '../graphql/document-policy.js';
import { operationLimits } from '../graphql/operation-limits.js';
import { EnvironmentError, oneOf, type Variable, wholeNumber } from '../protocol/environment.js';
import { isNetwork } from './client-address.js';

/** Who may call the API over the network, from where, how much and for how long. */
export interface NetworkSettings {
  /** Origins, beside the server's own, whose pages may call the API with credentials. */
  readonly corsOrigins: readonly string[];
  /** Addresses and networks whose X-Forwarded-For header is believed. */
  readonly trustedProxies: readonly string[];
  /** Points that a credential may spend in a minute; 0: no limit. */
  readonly rateLimit: number;
  /** How long a query may take; 0: no limit. */
  readonly queryTimeoutMs: number;
  readonly maxComplexity: number;
  readonly maxDepth: number;
  /** How many operations one HTTP request may hold; 1: no lists of operations. */
  readonly maxBatchSize: number;
  /** How many TCP connections may be open at once, WebSockets included. */
  readonly maxConnections: number;
  /** Whether clients may read the schema. */
  readonly introspection: boolean;
  readonly documentMode: DocumentMode;
  /** Absolute paths of files of persisted documents. */
  readonly documentPaths: readonly string[];
}

const rateLimit = 6_000;
const queryTimeoutMs = 30_000;
const maxConnections = 10_000;

/** The settings without any environment variable. */
export const defaultNetworkSettings: NetworkSettings = {
  corsOrigins: [],
  trustedProxies: [],
  rateLimit,
  queryTimeoutMs,
  maxComplexity: operationLimits.maxComplexity,
  maxDepth: operationLimits.maxDepth,
  maxBatchSize: operationLimits.maxBatchSize,
  maxConnections,
  introspection: true,
  documentMode: 'any',
  documentPaths: [],
};

/** A worker that is busy compiling answers late; a missing worker never answers. */
const longestAnswerMs = 30_000;

/**
 * How many milliseconds a query waits for a worker's answer: fewer than the query itself may take, so that whoever
 * asked reads what was waited for, beside whatever else was asked, and not that the operation was ended.
 */
export function answerTimeoutMs({ queryTimeoutMs }: Pick<NetworkSettings, 'queryTimeoutMs'>): number {
  return queryTimeoutMs === 0 ? longestAnswerMs : Math.min(longestAnswerMs, Math.ceil(0.8 * queryTimeoutMs));
}

function list(separator: string, isValid: (each: string) => boolean, allowed: string): Variable<string[]> {
  const schema = z
    .string()
    .default('')
    .transform((text) => text.split(separator).map((each) => each.trim()))
    .transform((all) => all.filter((each) => each !== ''))
    .refine((all) => all.every(isValid));
  return { schema, allowed };
}

/** Whether a text is exactly what browsers send as Origin: no path, no wildcard, no `null`. */
function isOrigin(text: string): boolean {
  return (
    !text.includes('*') &&
    URL.canParse(text) &&
    /^https?:$/.test(new URL(text).protocol) &&
    new URL(text).origin === text
  );
}

/** The environment variables of the network, for readVariables. */
export const networkVariables = {
  ATTUNE_CORS_ORIGINS: list(
    ',',
    isOrigin,
    'origins with commas between them, such as https://app.example.com; never a wildcard',
  ),
  ATTUNE_TRUSTED_PROXIES: list(
    ',',
    isNetwork,
    'addresses or networks with commas between them, such as 127.0.0.1,10.0.0.0/8',
  ),
  ATTUNE_RATE_LIMIT: wholeNumber(0, 1_000_000_000, rateLimit),
  ATTUNE_QUERY_TIMEOUT_MS: wholeNumber(0, 3_600_000, queryTimeoutMs),
  ATTUNE_MAX_COMPLEXITY: wholeNumber(100, 10_000_000, operationLimits.maxComplexity),
  // Does not limit the explorer's introspection query, which has a depth limit of its own.
  ATTUNE_MAX_DEPTH: wholeNumber(5, 100, operationLimits.maxDepth),
  ATTUNE_MAX_BATCH: wholeNumber(0, 100, 0),
  ATTUNE_MAX_CONNECTIONS: wholeNumber(1, 1_000_000, maxConnections),
  ATTUNE_INTROSPECTION: oneOf(['on', 'off'], 'on'),
  ATTUNE_DOCUMENTS: oneOf(['any', 'persisted-only'], 'any'),
  ATTUNE_PERSISTED_DOCUMENTS: list(delimiter, () => true, `paths of JSON files with ${delimiter} between them`),
};

type Values = { readonly [Name in keyof typeof networkVariables]: z.output<(typeof networkVariables)[Name]['schema']> };

/** Throws EnvironmentError. */
export function networkSettings(values: Values): NetworkSettings {
  if (values.ATTUNE_DOCUMENTS === 'persisted-only' && values.ATTUNE_PERSISTED_DOCUMENTS.length === 0) {
    const { allowed } = networkVariables.ATTUNE_PERSISTED_DOCUMENTS;
    const reason = `${allowed}: with ATTUNE_DOCUMENTS=persisted-only the server runs only these documents`;
    throw new EnvironmentError([{ name: 'ATTUNE_PERSISTED_DOCUMENTS', value: '', allowed: reason }]);
  }
  return {
    corsOrigins: values.ATTUNE_CORS_ORIGINS,
    trustedProxies: values.ATTUNE_TRUSTED_PROXIES,
    rateLimit: values.ATTUNE_RATE_LIMIT,
    queryTimeoutMs: values.ATTUNE_QUERY_TIMEOUT_MS,
    maxComplexity: values.ATTUNE_MAX_COMPLEXITY,
    maxDepth: values.ATTUNE_MAX_DEPTH,
    maxBatchSize: Math.max(1, values.ATTUNE_MAX_BATCH),
    maxConnections: values.ATTUNE_MAX_CONNECTIONS,
    introspection: values.ATTUNE_INTROSPECTION === 'on',
    documentMode: values.ATTUNE_DOCUMENTS,
    documentPaths: values.ATTUNE_PERSISTED_DOCUMENTS.map((path) => resolve(path)),
  };
}
