import type { Server } from 'node:http';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache';
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { GraphQLContext } from '../access/context.js';
import { isReplaced, type LogUnexpected, maskError } from '../graphql/mask-error.js';
import { maxValidationErrors } from '../graphql/operation-limits.js';
import { withoutSuggestions } from '../graphql/without-suggestions.js';
import { type OperationGateOptions, operationGate } from './operation-gate.js';
import { statusOfAnswer } from './status-of-answer.js';

/**
 * Of the JSON of parsed documents, which take about ten times as much memory: enough for hundreds, and little enough that a client who makes up
 * documents doesn't fill the heap with them.
 */
const maxParsedDocumentBytes = 4 * 2 ** 20;
/** How long requests that are under way may take to end when the server stops. */
const drainMs = 5_000;

/** How Apollo's words about CSRF begin: they tell the reasons, and not what most who meet them have forgotten. */
const blockedByApollo = 'This operation has been blocked as a potential Cross-Site Request Forgery';
const couldBeForeign: GraphQLFormattedError = {
  message:
    'A page of another site could send this request (CSRF), so it is refused. Send `content-type: application/json` with a POST; with a GET, any value in the header `apollo-require-preflight`.',
  extensions: { code: 'BAD_REQUEST' },
};

/** Queries and mutations over HTTP, started. Its `stop` closes the HTTP server once what is under way has ended. */
export async function startGraphQLOverHttp(options: {
  readonly schema: GraphQLSchema;
  readonly httpServer: Server;
  readonly gate: OperationGateOptions;
  readonly logger: Logger;
  readonly logUnexpected: LogUnexpected;
}): Promise<ApolloServer<GraphQLContext>> {
  const { schema, httpServer, gate, logger, logUnexpected } = options;
  const apollo = new ApolloServer<GraphQLContext>({
    schema,
    logger,
    introspection: gate.introspection,
    csrfPrevention: true,
    allowBatchedHttpRequests: gate.limits.maxBatchSize > 1,
    // Documents are found before Apollo sees the request, and none is registered at run time.
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    // main.ts stops everything, in order.
    stopOnTerminationSignals: false,
    documentStore: new InMemoryLRUCache({ maxSize: maxParsedDocumentBytes }),
    parseOptions: { maxTokens: gate.limits.maxTokens },
    validationOptions: { maxErrors: maxValidationErrors },
    formatError: (formatted, error) => {
      if (formatted.message.startsWith(blockedByApollo)) return couldBeForeign;
      const masked = maskError(error, logUnexpected);
      // Apollo knows more codes than we do; where nothing is to be hidden, its version says more.
      return isReplaced(masked) ? masked : withoutSuggestions(formatted);
    },
    plugins: [
      operationGate(gate),
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
