import { randomUUID } from 'node:crypto';
import type { ClientMetadata, Configuration } from 'oidc-provider';
import { openSignIn } from '../../src/people/sign-in/index.js';
import type { SignInSettings } from '../../src/people/sign-in/settings.js';
import { startTestApi, type TestApi } from './api.js';
import type { Browser, Visit } from './browser.js';
import type { TestDatabase } from './database.js';
import { type Person, passProvider, startTestProvider, type TestProvider } from './openid-provider.js';

/** An API with sign-in, and the real provider that it uses. */
export interface TestSignIn extends AsyncDisposable {
  readonly api: TestApi;
  readonly provider: TestProvider;
  /** The clock that the API reads. */
  readonly clock: { now: Date };
  /** Opens `/auth/sign-in`, signs in as `login`, and returns the last page. */
  signIn(browser: Browser, login: string, path?: string): Promise<Visit>;
  /** Creates a user with an e-mail address, as an invitation does. */
  invite(email: string): Promise<string>;
  users(): Promise<
    { id: string; name: string; email: string | null; subject: string | null; administrator: boolean }[]
  >;
}

const clientId = 'attune';

export async function startTestSignIn(options: {
  readonly people: Record<string, Person>;
  readonly settings?: Partial<SignInSettings>;
  readonly client?: Partial<ClientMetadata>;
  readonly configuration?: Configuration;
  /** The provider does not accept requests until the test opens it. */
  readonly shut?: boolean;
  readonly host?: string;
  readonly database?: TestDatabase;
  /** Used instead of a provider of its own. */
  readonly provider?: TestProvider;
}): Promise<TestSignIn> {
  const provider = options.provider ?? (await startTestProvider(options.people));
  const clock = { now: new Date() };
  const settings: SignInSettings = {
    issuer: provider.issuer,
    clientId,
    clientSecret: null,
    scopes: 'openid email profile',
    signUp: { kind: 'invited' },
    administrators: new Set(),
    trustEmails: false,
    ...options.settings,
  };
  const api = await startTestApi({
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.database === undefined ? {} : { database: options.database }),
    openSignIn: (dataSource, logger) =>
      openSignIn({ settings, publicUrl: null, dataSource, now: () => clock.now, logger }),
  });
  if (options.shut !== true && options.provider === undefined) {
    provider.open([clientOf(api.url, settings.clientSecret, options.client)], options.configuration);
  }
  return {
    api,
    provider,
    clock,
    async signIn(browser, login, path = '/auth/sign-in?returnTo=/auth/session') {
      return passProvider(browser, await browser.get(`${api.url}${path}`), provider.issuer, login);
    },
    async invite(email) {
      const id = randomUUID();
      await api.dataSource.query('INSERT INTO users (id, name, email) VALUES ($1, $2, $2)', [id, email]);
      return id;
    },
    users: () =>
      api.dataSource.query(
        'SELECT id, name, email, subject, administrator FROM users WHERE email IS NOT NULL ORDER BY email',
      ),
    async [Symbol.asyncDispose]() {
      await api.close();
      if (options.provider === undefined) await provider[Symbol.asyncDispose]();
    },
  };
}

/**
 * This server as a client of the provider.
 * @param urls where the server is reached; several for several servers
 */
export function clientOf(
  urls: string | readonly string[],
  clientSecret: string | null,
  more: Partial<ClientMetadata> = {},
): ClientMetadata {
  const bases = [urls].flat();
  return {
    client_id: clientId,
    redirect_uris: bases.map((url) => `${url}/auth/callback`),
    post_logout_redirect_uris: bases.map((url) => `${url}/auth/sign-out`),
    ...(clientSecret === null
      ? { token_endpoint_auth_method: 'none' }
      : { client_secret: clientSecret, token_endpoint_auth_method: 'client_secret_basic' }),
    ...more,
  };
}

/** The answer of `GET /auth/session`. */
export function sessionIn({ text }: Visit): { signedIn: boolean; name?: string; email?: string; expiresAt?: string } {
  return JSON.parse(text);
}
