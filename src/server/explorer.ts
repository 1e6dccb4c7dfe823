import { readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { altairExpress } from 'altair-express-middleware';
import { getDistDirectory } from 'altair-static';
import type { Express, RequestHandler } from 'express';

const firstQuery = /* GraphQL */ `# “Docs”, above on the right, describes everything this server can do.
# Ctrl+Enter runs the operation that the cursor is in.

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
        heads {
          task
          labels
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

# Watch one of the experiments: put its id in place of the dots.

subscription Watch {
  experimentEvents(experimentId: "...", afterSeq: 0) {
    ... on StatusChanged {
      seq
      to
      reason
    }
    ... on MetricsRecorded {
      seq
      step
      samples {
        key
        value
      }
    }
    ... on ProgressMade {
      seq
      step
      totalSteps
      etaSeconds
    }
  }
}
`;

/**
 * The page at `/` for trying the API: Altair, with all its files served from here, and subscriptions over the WebSocket
 * at `graphqlPath`.
 */
export function explorer(graphqlPath: string): RequestHandler {
  const page = altairExpress({
    endpointURL: graphqlPath,
    subscriptionsEndpoint: graphqlPath,
    initialSubscriptionRequestHandlerId: 'graphql-ws',
    initialQuery: firstQuery,
    initialName: 'Attune',
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
