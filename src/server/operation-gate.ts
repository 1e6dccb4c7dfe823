import type { ApolloServerPlugin, GraphQLRequestContext } from '@apollo/server';
import { GraphQLError, OperationTypeNode } from 'graphql';
import type { GraphQLContext } from '../access/context.js';
import { currentScope, type OperationScope } from '../database/operation-scope.js';
import { type OperationLimits, type OperationWeight, overBudget, weighOperation } from '../graphql/operation-limits.js';
import { begunOperation } from './begun-operations.js';
import { payerOf, pointsOf, pointsOfFault, rateHeaders, rateLimited } from './operation-cost.js';
import type { RateLimit } from './rate-limits.js';

export interface OperationGateOptions {
  readonly limits: OperationLimits;
  /** Null: no rate limit. */
  readonly rateLimit: RateLimit | null;
  readonly queryTimeoutMs: number;
  /** Whether clients may read the schema. */
  readonly introspection: boolean;
  /** Whether errors suggest names of the schema. */
  readonly suggestions: boolean;
}

/**
 * An Apollo plugin between validation and execution: it weighs an operation over HTTP, takes its points and starts its
 * time limit. The answer's headers hold the remaining points. An operation that ran out of time is answered with that
 * error alone, without partial data.
 */
export function operationGate({
  limits,
  rateLimit,
  queryTimeoutMs,
}: OperationGateOptions): ApolloServerPlugin<GraphQLContext> {
  /** The sum of the complexity of a request's operations. */
  const complexities = new WeakMap<OperationScope, number>();

  function weigh({ schema, document, request }: WithDocument): OperationWeight {
    const { operationName, variables } = request;
    const weight = weighOperation({ schema, document, operationName, variables }, limits);
    if (weight instanceof GraphQLError) throw weight;
    // Apollo calls this only for operations that it has found.
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
    const state = begunOperation()?.paid ?? (await rateLimit.spend(payer, points));
    for (const [name, value] of Object.entries(rateHeaders(rateLimit, state)))
      context.response.http.headers.set(name, value);
    if (!state.allowed) throw rateLimited(rateLimit, state, points);
  }

  return {
    async requestDidStart() {
      let resolved = false;
      return {
        async didResolveOperation(context) {
          // The document has no operation of this name, which the execution reports.
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
          // Each answer is for one viewer at one moment: no cache may keep it.
          http.headers.set('cache-control', 'no-store');
          // The document could not be parsed or validated. If this uses up the points, the next request is refused, not
          // this one.
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

/** Executed as a query, a subscription would ask for the event that it is about, and find none. */
function subscriptionOverHttp(): GraphQLError {
  const message =
    'Subscriptions go over WebSocket, by the graphql-transport-ws protocol, or as server-sent events, by `Accept: text/event-stream`; both at this path.';
  return new GraphQLError(message, { extensions: { code: 'SUBSCRIPTION_OVER_HTTP', http: { status: 400 } } });
}
