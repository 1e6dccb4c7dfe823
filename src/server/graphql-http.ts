import type { Server } from 'node:http';
import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache';
import type { ExecutionResult, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { GraphQLContext } from '../access/context.js';
import { answerJson } from '../graphql/execution/answer.js';
import { executeByPlan } from '../graphql/execution/execute.js';
import { isReplaced, type LogUnexpected, maskError } from '../graphql/mask-error.js';
import { maxValidationErrors } from '../graphql/operation-limits.js';
import { withoutSuggestions } from '../graphql/without-suggestions.js';
import type { OperationObserver } from '../observability/operation-observer.js';
import { begunOperation } from './begun-operations.js';
import { observeOperations } from './observe-operations.js';
import { type OperationGateOptions, operationGate } from './operation-gate.js';
import { statusOfAnswer } from './status-of-answer.js';
import type { ValidDocuments } from './valid-documents.js';

/**
 * Size of the cache of parsed documents, measured as JSON; in memory they take about ten times as much. This holds
 * hundreds of documents, and is little enough that a client who makes up documents can't fill the heap with them.
 */
const maxParsedDocumentBytes = 4 * 2 ** 20;
/** How long running requests may take to end when the server stops. */
const drainMs = 5_000;

/**
 * The beginning of Apollo's message about CSRF, which lists the reasons but not the header that most clients have
 * forgotten.
 */
const blockedByApollo = 'This operation has been blocked as a potential Cross-Site Request Forgery';
const couldBeForeign: GraphQLFormattedError = {
  message:
    'A page of another site could send this request (CSRF), so it is refused. Send `content-type: application/json` with a POST; with a GET, any value in the header `apollo-require-preflight`. Or let the client send queries by POST: `preferGetMethod: false` in urql, no `useGETForQueries` in Apollo Client.',
  extensions: { code: 'BAD_REQUEST' },
};

/** Starts queries and mutations over HTTP. `stop` closes the HTTP server once the running requests have ended. */
export async function startGraphQLOverHttp(options: {
  readonly schema: GraphQLSchema;
  readonly httpServer: Server;
  readonly gate: OperationGateOptions;
  /** Takes up the documents that Apollo finds valid. */
  readonly documents: ValidDocuments;
  readonly observer: OperationObserver | null;
  readonly logger: Logger;
  readonly logUnexpected: LogUnexpected;
}): Promise<ApolloServer<GraphQLContext>> {
  const { schema, httpServer, gate, documents, logger, logUnexpected } = options;
  const apollo = new ApolloServer<GraphQLContext>({
    gateway: executorOf(schema),
    logger,
    introspection: gate.introspection,
    csrfPrevention: true,
    allowBatchedHttpRequests: gate.limits.maxBatchSize > 1,
    // `findDocuments` finds persisted documents before Apollo sees the request; none is registered at run time.
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stringifyResult: (answer) => `${answerJson(answer)}\n`,
    // main.ts stops everything, in order.
    stopOnTerminationSignals: false,
    documentStore: new InMemoryLRUCache({ maxSize: maxParsedDocumentBytes }),
    parseOptions: { maxTokens: gate.limits.maxTokens },
    validationOptions: { maxErrors: maxValidationErrors },
    formatError: (formatted, error) => {
      if (formatted.message.startsWith(blockedByApollo)) return couldBeForeign;
      const masked = maskError(error, logUnexpected);
      // Apollo sets more error codes than maskError; where nothing is hidden, Apollo's version says more.
      if (isReplaced(masked)) return masked;
      return gate.suggestions ? formatted : withoutSuggestions(formatted);
    },
    plugins: [
      ...(options.observer === null ? [] : [observeOperations(options.observer)]),
      operationGate(gate),
      keepDocuments(documents),
      statusOfAnswer,
      // With Apollo's cache control, the same queries took 1.3 to 1.9 times as long.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginDrainHttpServer({ httpServer, stopGracePeriodMillis: drainMs }),
    ],
  });
  await apollo.start();
  return apollo;
}

/** A document that Apollo has parsed and found valid is answered directly from then on (direct-queries.ts). */
function keepDocuments(documents: ValidDocuments): ApolloServerPlugin<GraphQLContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ source, document }) {
          if (documents.find(source) === null) documents.keep(source, document);
        },
      };
    },
  };
}

/** Apollo's door for executors other than graphql-js: it takes an executor from what it calls a gateway. */
function executorOf(schema: GraphQLSchema): NonNullable<ApolloServerOptionsWithGateway<GraphQLContext>['gateway']> {
  return {
    async load() {
      return {
        executor: async ({ document, request, context }) =>
          (begunOperation()?.answer ??
            executeByPlan({
              schema,
              document,
              contextValue: context,
              ...(request.variables === undefined ? {} : { variableValues: request.variables }),
              ...(request.operationName === undefined ? {} : { operationName: request.operationName }),
            })) as Promise<ExecutionResult<Record<string, unknown>>>,
      };
    },
    onSchemaLoadOrUpdate(listen) {
      listen({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    async stop() {},
  };
}
