import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { GraphQLContext } from '../access/context.js';
import { OperationScope } from '../database/operation-scope.js';
import type { FindDocument } from '../graphql/document-policy.js';
import { checkShape, maxValidationErrors, weighOperation } from '../graphql/operation-limits.js';
import type { OperationObserver, StartedOperation, Transport } from '../observability/operation-observer.js';
import type { RequestContext } from '../observability/request-context.js';
import { codesOf, resolvedOperation } from './observe-operations.js';
import { payerOf, pointsOf, pointsOfFault, rateLimited } from './operation-cost.js';
import type { OperationGateOptions } from './operation-gate.js';
import type { ValidDocuments } from './valid-documents.js';

/** An operation that is ready to run. */
export interface PreparedOperation {
  readonly args: ExecutionArgs;
  /** The scope of a query or mutation; null for a subscription, which has no time limit. */
  readonly scope: OperationScope | null;
  /** What is done for the operation runs in this scope: for a subscription, until it has begun. */
  readonly within: OperationScope;
  /** Is told how the operation ends; null: nobody wants to know. */
  readonly observed: StartedOperation | null;
}

export interface PreparationOptions extends OperationGateOptions {
  readonly schema: GraphQLSchema;
  readonly findDocument: FindDocument;
  /** Those of this schema. */
  readonly documents: ValidDocuments;
  readonly observer: OperationObserver | null;
}

/**
 * Prepares an operation over WebSocket or as server-sent events, as Apollo does for other operations over HTTP: finds
 * its document, parses it within limits, validates and weighs it, takes its points, and starts its time limit.
 */
export async function prepareOperation(
  payload: SubscribePayload,
  context: GraphQLContext,
  options: PreparationOptions,
  { transport, request }: { readonly transport: Transport; readonly request: RequestContext },
): Promise<PreparedOperation | readonly GraphQLError[]> {
  const observed = options.observer?.started(transport, request) ?? null;
  const within = new OperationScope(request);
  const prepared = await within.run(() => prepare(payload, context, options, within));
  if (!('args' in prepared)) {
    observed?.failed(codesOf(prepared));
    observed?.ended();
    return prepared;
  }
  observed?.resolved(resolvedOperation(getOperationAST(prepared.args.document, payload.operationName)));
  return { ...prepared, observed };
}

async function prepare(
  payload: SubscribePayload,
  context: GraphQLContext,
  options: PreparationOptions,
  within: OperationScope,
): Promise<Omit<PreparedOperation, 'observed'> | readonly GraphQLError[]> {
  const { schema, rateLimit, queryTimeoutMs } = options;
  const payer = payerOf(context.viewer);
  const pay = async (points: number): Promise<GraphQLError | null> => {
    if (rateLimit === null || payer === null) return null;
    const state = await rateLimit.spend(payer, points);
    return state.allowed ? null : rateLimited(rateLimit, state, points);
  };

  const spent = payer === null ? null : (rateLimit?.blocked(payer) ?? null);
  if (rateLimit !== null && spent !== null) return [rateLimited(rateLimit, spent, null)];
  const checked = check(payload, options);
  if (!('weight' in checked)) {
    const limited = await pay(pointsOfFault);
    return limited === null ? checked : [limited];
  }
  const { document, weight } = checked;
  const limited = await pay(pointsOf(weight));
  if (limited !== null) return [limited];
  const { operationName, variables } = payload;
  const args = {
    schema,
    document,
    contextValue: context,
    variableValues: variables ?? {},
    ...(operationName == null ? {} : { operationName }),
  };
  if (weight.type === OperationTypeNode.SUBSCRIPTION) return { args, scope: null, within };
  if (weight.type === OperationTypeNode.QUERY) within.startReading(queryTimeoutMs);
  else within.startChanging();
  return { args, scope: within, within };
}

const withoutIntrospection = [...specifiedRules, NoSchemaIntrospectionCustomRule];

function check(payload: SubscribePayload, options: PreparationOptions) {
  const { schema, limits, introspection, findDocument, documents } = options;
  const found = findDocument(payload);
  if (found instanceof GraphQLError) return [found];
  const text = found ?? '';
  const known = documents.find(text);
  const { operationName, variables } = payload;
  let document: DocumentNode;
  try {
    document = known ?? parse(text, { maxTokens: limits.maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
  const costly = checkShape({ document, operationName, variables }, limits);
  if (costly !== null) return [costly];
  if (known === null) {
    const rules = introspection ? specifiedRules : withoutIntrospection;
    const invalid = validate(schema, document, rules, { maxErrors: maxValidationErrors });
    if (invalid.length > 0) return invalid;
    documents.keep(text, document);
  }
  const weight = weighOperation({ schema, document, operationName, variables }, limits);
  if (weight instanceof GraphQLError) return [weight];
  if (weight === null) return [new GraphQLError('The document has no operation of this name.')];
  return { document, weight };
}
