import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import type { GraphQLContext } from '../access/context.js';
import { fixedRights, type Rights } from '../access/live-rights.js';
import type { Viewer } from '../access/viewer.js';
import { currentScope } from '../database/operation-scope.js';
import { type Answer, answerJson } from '../graphql/execution/answer.js';
import { executeByPlan } from '../graphql/execution/execute.js';
import { weighOperation } from '../graphql/operation-limits.js';
import type { OperationObserver } from '../observability/operation-observer.js';
import { handOver } from './begun-operations.js';
import type { Handler, HttpRequest } from './handler.js';
import { resolvedOperation } from './observe-operations.js';
import { payerOf, pointsOf, rateHeaders } from './operation-cost.js';
import type { OperationGateOptions } from './operation-gate.js';
import { preferredMediaType } from './preferred-media-type.js';
import { requestContextOf } from './request-ids.js';
import type { ValidDocuments } from './valid-documents.js';

/** What Apollo answers as. The last one it writes otherwise. */
const mediaTypes = [
  'application/json; charset=utf-8',
  'application/graphql-response+json; charset=utf-8',
  'application/json; callbackSpec=1.0; charset=utf-8',
] as const;

/**
 * Answers queries by POST whose document this process has found valid before, past Apollo Server: it weighs a query,
 * takes its points, starts its time limit and executes it, in the order of operation-gate.ts. That is most of what
 * clients send, and Apollo's way to the same answer takes longer than many a query (ADR 0068).
 *
 * All that is not answered with data alone is passed on, and Apollo has the last word: documents that are new, requests
 * that are no plain operation, mutations, refusals and errors. What was done before it is not done again.
 */
export function directQueries(options: {
  readonly schema: GraphQLSchema;
  readonly gate: OperationGateOptions;
  /** Those of the schema, valid under the gate's rules. */
  readonly documents: Pick<ValidDocuments, 'find'>;
  /** Null: nobody wants to know. */
  readonly observer: OperationObserver | null;
  readonly viewerOf: (request: IncomingMessage) => Viewer;
  readonly createContext: (rights: Rights) => GraphQLContext;
}): Handler {
  const { schema, gate, documents, observer, viewerOf, createContext } = options;
  const { limits, rateLimit, queryTimeoutMs } = gate;
  const mediaTypeOf = preferredMediaType(mediaTypes);

  /** The points of a query; null: its weight is refused, or can't be found. */
  function priceOf({ document, operationName, variables }: KnownQuery): number | null {
    try {
      const weight = weighOperation({ schema, document, operationName, variables }, limits);
      return weight === null || weight instanceof GraphQLError ? null : pointsOf(weight);
    } catch {
      return null;
    }
  }

  /** Null: it could not be executed. */
  async function execute(query: KnownQuery, contextValue: GraphQLContext): Promise<ExecutionResult | Answer | null> {
    const { document, operationName, variables } = query;
    try {
      return await executeByPlan({ schema, document, contextValue, variableValues: variables, operationName });
    } catch {
      return null;
    }
  }

  return async (request, response, next) => {
    const query = knownQuery(request, documents);
    const mediaType = mediaTypeOf(request.headers.accept);
    const scope = currentScope();
    if (query === null || scope === null || mediaType === null || mediaType === mediaTypes[2]) return next();
    const points = priceOf(query);
    if (points === null) return next();
    const observed = observer?.started('http', requestContextOf(request)) ?? null;
    observed?.resolved(resolvedOperation(query.operation));
    const viewer = viewerOf(request);
    const payer = payerOf(viewer);
    const paid = rateLimit === null || payer === null ? null : await rateLimit.spend(payer, points);
    let answer: ExecutionResult | Answer | null = null;
    if (paid?.allowed !== false) {
      scope.startReading(queryTimeoutMs);
      answer = await execute(query, createContext(fixedRights(viewer)));
    }
    if (answer === null || answer.errors !== undefined) {
      handOver(scope, { observed, paid, answer });
      return next();
    }
    if (rateLimit !== null && paid !== null) setHeaders(response, rateHeaders(rateLimit, paid));
    // Each answer is for one viewer at one moment: no cache may keep it.
    setHeaders(response, { 'cache-control': 'no-store', 'content-type': mediaType });
    observed?.failed([]);
    observed?.ended();
    // Bytes know their length, and the socket need not read the text again.
    const bytes = Buffer.from(`${answerJson(answer)}\n`);
    response.setHeader('content-length', bytes.length);
    response.end(bytes);
  };
}

/** A query in a document that was found valid. */
interface KnownQuery {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The query of a request; null: it is no plain request for one, or its document is not known. */
function knownQuery(
  { method, body }: Pick<HttpRequest, 'method' | 'body'>,
  documents: Pick<ValidDocuments, 'find'>,
): KnownQuery | null {
  if (method !== 'POST' || !isRecord(body)) return null;
  const { query, operationName = null, variables = null, extensions = null } = body;
  if (typeof query !== 'string' || (operationName !== null && typeof operationName !== 'string')) return null;
  if (variables !== null && !isRecord(variables)) return null;
  if (extensions !== null && (!isRecord(extensions) || 'persistedQuery' in extensions)) return null;
  const document = documents.find(query);
  const operation = document === null ? null : getOperationAST(document, operationName);
  if (document === null || operation?.operation !== OperationTypeNode.QUERY) return null;
  return { document, operation, operationName, variables: variables ?? {} };
}

function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const name in headers) response.setHeader(name, headers[name]!);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
