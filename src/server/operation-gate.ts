import type { ApolloServerPlugin, GraphQLRequestContext } from '@apollo/server';
import { GraphQLError, OperationTypeNode } from 'graphql';
import type { GraphQLContext } from '../access/context.js';
import { currentScope, type OperationScope } from '../database/operation-scope.js';
import { type OperationLimits, type OperationWeight, overBudget, weighOperation } from '../graphql/operation-limits.js';
import { payerOf, pointsOf, pointsOfFault, rateHeaders, rateLimited } from './operation-cost.js';
import type { RateLimit } from './rate-limits.js';

export interface OperationGateOptions {
  readonly limits: OperationLimits;
  /** Null: nobody has a limit. */
  readonly rateLimit: RateLimit | null;
  readonly queryTimeoutMs: number;
  /** Whether the schema can be read. */
  readonly introspection: boolean;
}

/**
 * What an operation over HTTP passes between its validation and its execution: it is weighed, paid for, and given its time. Its answer says
 * what is left to pay with; one that was out of time is its error alone, not what was found by then.
 */
export function operationGate({
  limits,
  rateLimit,
  queryTimeoutMs,
}: OperationGateOptions): ApolloServerPlugin<GraphQLContext> {
  /** Operations of one request share its complexity. */
  const complexities = new WeakMap<OperationScope, number>();

  function weigh({ schema, document, request }: WithDocument): OperationWeight {
    const { operationName, variables } = request;
    const weight = weighOperation({ schema, document, operationName, variables }, limits);
    if (weight instanceof GraphQLError) throw weight;
    // It is asked for only where there is an operation.
    if (weight === null) throw new Error('An operation that was found has no weight.');
    const scope = currentScope();
    if (scope === null) return weight;
    const complexity = (complexities.get(scope) ?? 0) + weight.complexity;
    complexities.set(scope, complexity);
    if (complexity > limits.maxComplexity) throw overBudget(complexity, limits.maxComplexity);
    return weight;
  }

  async function pay(
    context: Pick<GraphQLRequestContext<GraphQLContext>, 'contextValue' | 'response'>,
    points: number,
  ) {
    const payer = payerOf(context.contextValue.viewer);
    if (rateLimit === null || payer === null) return;
    const state = await rateLimit.spend(payer, points);
    for (const [name, value] of Object.entries(rateHeaders(rateLimit, state)))
      context.response.http.headers.set(name, value);
    if (!state.allowed) throw rateLimited(rateLimit, state, points);
  }

  return {
    async requestDidStart() {
      let resolved = false;
      return {
        async didResolveOperation(context) {
          // The document has none of this name: the execution says so.
          if (context.operation === undefined) return;
          resolved = true;
          if (context.operation.operation === OperationTypeNode.SUBSCRIPTION) throw subscriptionOverHttp();
          let weight: OperationWeight;
          try {
            weight = weigh(context);
          } catch (error) {
            await pay(context, pointsOfFault);
            throw error;
          }
          await pay(context, pointsOf(weight));
          if (weight.type === OperationTypeNode.QUERY) currentScope()?.startReading(queryTimeoutMs);
          else currentScope()?.startChanging();
        },
        async willSendResponse(context) {
          const { body, http } = context.response;
          // An answer is for who asked, now: no cache keeps it.
          http.headers.set('cache-control', 'no-store');
          // What could not be parsed or validated; whether that was one too many is told to the next.
          if (!resolved) await pay(context, pointsOfFault).catch(ignoreLimit);
          const ended = currentScope()?.ended;
          if (ended == null || body.kind !== 'single') return;
          if (!body.singleResult.errors?.some(({ extensions }) => extensions?.code === ended.code)) return;
          http.status = 503;
          body.singleResult = { errors: [{ message: ended.message, extensions: { code: ended.code } }] };
        },
      };
    },
  };
}

type WithDocument = Pick<GraphQLRequestContext<GraphQLContext>, 'schema' | 'request'> & {
  readonly document: NonNullable<GraphQLRequestContext<GraphQLContext>['document']>;
};

function ignoreLimit(error: unknown): void {
  if (!(error instanceof GraphQLError)) throw error;
}

/** Executed as a query it would look for the event that it is about, and find none. */
function subscriptionOverHttp(): GraphQLError {
  return new GraphQLError('Subscriptions go over WebSocket, by the graphql-transport-ws protocol at this path.', {
    extensions: { code: 'SUBSCRIPTION_OVER_HTTP', http: { status: 400 } },
  });
}
