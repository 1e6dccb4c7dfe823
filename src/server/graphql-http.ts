import type { Server } from 'node:http';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { GraphQLError, type GraphQLSchema, OperationTypeNode } from 'graphql';
import type { Logger } from 'pino';
import type { GraphQLContext } from '../graphql/context.js';
import { isReplaced, type LogUnexpected, maskError } from '../graphql/mask-error.js';
import { maxValidationErrors, operationLimits, weighOperation } from '../graphql/operation-limits.js';
import { withoutSuggestions } from '../graphql/without-suggestions.js';
import { statusOfAnswer } from './status-of-answer.js';

/** How long requests that are under way may take to end when the server stops. */
const drainMs = 5_000;

/** Queries and mutations over HTTP, started. Its `stop` closes the HTTP server once what is under way has ended. */
export async function startGraphQLOverHttp(options: {
  readonly schema: GraphQLSchema;
  readonly httpServer: Server;
  readonly logger: Logger;
  readonly logUnexpected: LogUnexpected;
}): Promise<ApolloServer<GraphQLContext>> {
  const { schema, httpServer, logger, logUnexpected } = options;
  const apollo = new ApolloServer<GraphQLContext>({
    schema,
    logger,
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    // main.ts stops everything, in order.
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: operationLimits.maxTokens },
    validationOptions: { maxErrors: maxValidationErrors },
    formatError: (formatted, error) => {
      const masked = maskError(error, logUnexpected);
      // Apollo knows more codes than we do; where nothing is to be hidden, its version says more.
      return isReplaced(masked) ? masked : withoutSuggestions(formatted);
    },
    plugins: [
      limitsPlugin,
      statusOfAnswer,
      // With it, the same queries took 1.3 to 1.9 times as long.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginDrainHttpServer({ httpServer, stopGracePeriodMillis: drainMs }),
    ],
  });
  await apollo.start();
  return apollo;
}

/** Executed as a query it would look for the event that it is about, and find none. */
function subscriptionOverHttp(): GraphQLError {
  return new GraphQLError('Subscriptions go over WebSocket, by the graphql-transport-ws protocol at this path.', {
    extensions: { code: 'SUBSCRIPTION_OVER_HTTP', http: { status: 400 } },
  });
}

const limitsPlugin: ApolloServerPlugin<GraphQLContext> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ schema, document, operation, request }) {
        if (operation?.operation === OperationTypeNode.SUBSCRIPTION) throw subscriptionOverHttp();
        const { operationName, variables } = request;
        const weight = weighOperation({ schema, document, operationName, variables });
        if (weight instanceof GraphQLError) throw weight;
      },
    };
  },
};
