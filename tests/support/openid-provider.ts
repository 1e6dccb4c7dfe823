import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type ClientMetadata, type Configuration } from 'oidc-provider';
import type { Browser, Visit } from './browser.js';

export interface Person {
  readonly email?: string;
  readonly email_verified?: boolean | string;
  readonly name?: string;
}

type Claims = Record<string, unknown>;

/** A real OpenID provider in this process, on a port of its own. */
export interface TestProvider extends AsyncDisposable {
  readonly issuer: string;
  /** The people whom the provider knows, by login, which is their subject. Tests may change it. */
  readonly people: Record<string, Person>;
  /** Bodies of the requests to the provider's token endpoint. */
  readonly tokenRequests: { readonly authorization: string | undefined; readonly body: URLSearchParams }[];
  /** Accepts these clients. Before this call, every request gets 503. */
  open(clients: readonly ClientMetadata[], configuration?: Configuration): void;
  /** Stops answering (503) until it is opened again. */
  shut(): void;
  /** Changes ID tokens before they are sent; `sign` signs other claims with the provider's own key. */
  rewriteIdToken: ((idToken: string, claims: Claims, sign: (claims: Claims) => string) => string) | null;
}

let key: KeyObject | null = null;

/** Of all providers of a process: to find the primes of an RSA key takes half a second. */
function signingKey(): KeyObject {
  key ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  return key;
}

/**
 * A provider that requires PKCE with S256 of every client.
 * @param path of its issuer; it serves everything below that
 */
export async function startTestProvider(people: Record<string, Person>, path = ''): Promise<TestProvider> {
  const privateKey = signingKey();
  let handler: RequestListener = unavailable;
  const server = createServer((request, response) => handler(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const tokenRequests: TestProvider['tokenRequests'] = [];

  const testProvider: TestProvider = {
    issuer,
    people,
    tokenRequests,
    rewriteIdToken: null,
    shut() {
      handler = unavailable;
    },
    open(clients, configuration = {}) {
      const provider = new Provider(issuer, {
        clients: [...clients],
        jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'test', use: 'sig', alg: 'RS256' }] },
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
        pkce: { required: () => true },
        features: { rpInitiatedLogout: { enabled: true } },
        cookies: { keys: ['of a test'] },
        // Set explicitly, because the library warns about defaults.
        ttl: { AccessToken: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600 },
        findAccount: (_, login) =>
          people[login] === undefined
            ? undefined
            : { accountId: login, claims: () => Promise.resolve({ sub: login, ...people[login] }) },
        ...configuration,
      });
      provider.use(async (context, next) => {
        await next();
        if (!context.path.endsWith('/token')) return;
        const { authorization } = context.req.headers;
        tokenRequests.push({ authorization, body: new URLSearchParams(context.oidc?.body as Record<string, string>) });
        const body = context.body as { id_token?: string };
        if (body.id_token === undefined || testProvider.rewriteIdToken === null) return;
        const claims = JSON.parse(Buffer.from(body.id_token.split('.')[1]!, 'base64url').toString()) as Claims;
        const rewritten = testProvider.rewriteIdToken(body.id_token, claims, (changed) => signed(changed, privateKey));
        context.body = { ...body, id_token: rewritten };
      });
      handler = belowPath(path.replace(/\/$/, ''), provider.callback());
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return testProvider;
}

/** Mounts a handler at a path, as express does: the handler sees the rest, and the whole as `originalUrl`. */
function belowPath(path: string, handler: RequestListener): RequestListener {
  if (path === '') return handler;
  return (request, response) => {
    const whole = request.url ?? '';
    if (!whole.startsWith(`${path}/`)) return response.writeHead(404).end();
    return handler(Object.assign(request, { originalUrl: whole, url: whole.slice(path.length) }), response);
  };
}

/** A JWT signed with the provider's key. */
function signed(claims: Claims, key: KeyObject): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'test' })}.${encode(claims)}`;
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
}

const unavailable: RequestListener = (_, response) => {
  response.writeHead(503).end();
};

/**
 * Fills in the provider's pages until they lead away from it.
 * @param begun the provider's first page
 */
export async function passProvider(browser: Browser, begun: Visit, issuer: string, login: string): Promise<Visit> {
  let visit = begun;
  while (visit.url.origin === new URL(issuer).origin && visit.status === 200 && visit.text.includes('/interaction/')) {
    visit = await browser.submit(visit, visit.text.includes('value="login"') ? { login, password: 'any' } : {});
  }
  return visit;
}
