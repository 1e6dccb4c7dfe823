import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApolloServer, type BaseContext, HeaderMap, type HTTPGraphQLResponse } from '@apollo/server';
import type { Handler } from './handler.js';

/** Hands a request, whose body was read, to a started Apollo server, and sends its answer. */
export function apolloHandler<Context extends BaseContext>(
  apollo: ApolloServer<Context>,
  context: (request: { readonly req: IncomingMessage; readonly res: ServerResponse }) => Promise<Context>,
): Handler {
  return async (req, res) => {
    const { url = '', method = 'GET', body } = req;
    const search = url.indexOf('?');
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method,
        headers: headersOf(req),
        search: search === -1 ? '' : url.slice(search),
        body,
      },
      context: () => context({ req, res }),
    });
    await send(res, answer);
  };
}

function headersOf({ headers }: IncomingMessage): HeaderMap {
  const map = new HeaderMap();
  // Node has the names in lower case, as the map keeps them.
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return map;
}

async function send(response: ServerResponse, { status, headers, body }: HTTPGraphQLResponse): Promise<void> {
  response.statusCode = status ?? 200;
  for (const [name, value] of headers) response.setHeader(name, value);
  if (body.kind === 'complete') {
    response.setHeader('content-length', Buffer.byteLength(body.string));
    response.end(body.string);
    return;
  }
  for await (const chunk of body.asyncIterator) response.write(chunk);
  response.end();
}
