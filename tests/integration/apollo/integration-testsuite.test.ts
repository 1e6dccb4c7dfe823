import { once } from 'node:events';
import { createServer } from 'node:http';
import { ApolloServer, type BaseContext } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { defineIntegrationTestSuite } from '@apollo/server-integration-testsuite';
import { createAuthenticator } from '../../../src/access/authenticate.js';
import { limitBatch, withinOperationScope } from '../../../src/server/before-graphql.js';
import { createHttpApp, graphqlPath } from '../../../src/server/http-app.js';
import { createIdentification } from '../../../src/server/identify.js';
import { limitAttempts } from '../../../src/server/limit-attempts.js';
import { listen } from '../../../src/server/listen.js';

/** The real thing; the suite's requests come from this machine, and so without a credential. */
const authenticator = createAuthenticator({
  query: async () => [],
  keys: { viewerOf: async () => null },
  isLocal: () => true,
  sessions: null,
});
const identification = createIdentification(limitAttempts(authenticator, null), null);

/**
 * Apollo's own suite for integrations, unchanged, on the stack that the product serves: only the Apollo server on top
 * of it is the suite's.
 */
defineIntegrationTestSuite(async (config, options) => {
  const httpServer = createServer();
  const server = new ApolloServer<BaseContext>({
    ...config,
    plugins: [...(config.plugins ?? []), ApolloServerPluginDrainHttpServer({ httpServer })],
  });
  await server.start();
  const listenHost = '127.0.0.1';
  const app = createHttpApp({
    origins: { listenHost, publicUrl: null, corsOrigins: [] },
    apollo: server,
    identify: [identification.ofClient],
    identifyPerson: identification.ofPerson,
    context: options?.context ?? (async () => ({})),
    // Which documents are let in is the product's own; the suite brings its own persisted queries.
    beforeGraphQL: [limitBatch(100), withinOperationScope],
    routers: [],
    logUnexpected: () => undefined,
    logRefusedOrigin: () => undefined,
  });
  httpServer.on('request', app);
  const url = await listen(httpServer, listenHost, 0);
  return {
    server,
    url: `${url}${graphqlPath}`,
    async extraCleanup() {
      if (!httpServer.listening) return;
      httpServer.close();
      await once(httpServer, 'close');
    },
  };
});
