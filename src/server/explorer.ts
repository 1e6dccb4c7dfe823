import { readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { altairExpress } from 'altair-express-middleware';
import { getDistDirectory } from 'altair-static';
import type { Express, RequestHandler } from 'express';

/**
 * One operation a tab: Altair's button to send sends nothing where a tab has several and the cursor is in none. Each
 * runs as it is, on an empty project too.
 */
const overview = /* GraphQL */ `# “Send Request” runs this. “Docs” describes everything this server can do.

query Overview {
  serverInfo {
    version
    workers {
      host
      status
      engine {
        target
        threads
        reason
      }
    }
  }
  project {
    name
    baseModels(first: 5) {
      nodes {
        id
        name
        parameterCount
        allHeads {
          task
          kind
        }
      }
    }
    datasets(first: 5) {
      nodes {
        id
        name
        latest {
          id
          exampleCount
          splits {
            name
            exampleCount
          }
        }
      }
    }
    experiments(first: 5) {
      nodes {
        id
        name
        status
        progress {
          step
          totalSteps
        }
        summary {
          definition {
            key
          }
          value
        }
      }
    }
  }
}
`;

const watch = /* GraphQL */ `# Everything that happens in the project from now on, and each second how far its experiments are.

subscription Watch {
  projectActivity(progressEveryMs: 1000) {
    __typename
    ... on SequencedProjectEvent {
      seq
      at
    }
    ... on ExperimentStatusChanged {
      name
      toStatus
    }
    ... on ExperimentProgressed {
      experiment {
        name
        progress {
          step
          totalSteps
          etaSeconds
        }
      }
    }
  }
}
`;

/**
 * The page at `/` for trying the API: Altair, with all its files served from here, and subscriptions over the WebSocket
 * at `graphqlPath`.
 */
export function explorer(graphqlPath: string): RequestHandler {
  const subscriptions = { initialSubscriptionRequestHandlerId: 'graphql-ws' } as const;
  const page = altairExpress({
    endpointURL: graphqlPath,
    subscriptionsEndpoint: graphqlPath,
    ...subscriptions,
    // The page opens the last of them. They take over the addresses, but not the protocol.
    initialWindows: [
      { initialName: 'Watch', initialQuery: watch, ...subscriptions },
      { initialName: 'Overview', initialQuery: overview, ...subscriptions },
    ],
    // Served as a file of its own, so that the page needs no inline script.
    serveInitialOptionsInSeperateRequest: true,
    initialSettings: {
      disablePushNotification: true,
      'alert.disableUpdateNotification': true,
      'banners.disable': true,
    },
  }) as unknown as Express;
  // `page` is an Express application of its own, of another version of Express.
  page.disable('x-powered-by');
  // Altair would answer any other path with 200.
  const paths = new Set(['/', '/initial_options.js', ...filesOfPage()]);
  return (request, response, next) => {
    if (['GET', 'HEAD'].includes(request.method) && paths.has(request.path)) page(request, response, next);
    else next();
  };
}

function filesOfPage(): string[] {
  const files = readdirSync(getDistDirectory(), { recursive: true, encoding: 'utf8' });
  return files.map((file) => `/${file.split(sep).join('/')}`);
}
