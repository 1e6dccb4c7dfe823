import { type Request, type Response, Router } from 'express';
import type { Logger } from 'pino';
import type { Query } from '../../protocol/sql/query.js';
import type { Admission } from './admit.js';
import { type Attempt, type Attempts, attemptMinutes } from './attempts.js';
import type { Cookie } from './cookies.js';
import { describeFault } from './faults.js';
import type { Identity } from './identity.js';
import { confirmSignOut, type Page, pages, renderPage, signedOutHere } from './pages.js';
import { type Provider, ProviderUnavailable } from './provider.js';
import { safeReturnTo } from './return-to.js';
import { isFromOwnPage } from './same-origin.js';
import type { Sessions } from './sessions.js';
import { randomToken } from './token.js';

export const signInPath = '/auth/sign-in';
const callbackPath = '/auth/callback';

export interface SignInRouterOptions {
  readonly provider: Provider;
  readonly attempts: Attempts;
  readonly sessions: Sessions;
  /** Ties an attempt to the browser that began it. */
  readonly browserCookie: Cookie;
  readonly admit: (identity: Identity) => Promise<Admission>;
  readonly query: Query;
  /** Null: the server is reached on a loopback address; people return to the address that they used. */
  readonly publicUrl: string | null;
  /** Removed from everything that is logged. */
  readonly clientSecret: string | null;
  readonly logger: Logger;
}

/**
 * Sign-in of people (OpenID Connect, authorization code with PKCE). `GET /auth/sign-in?returnTo=/path` sends the
 * browser to the provider, which sends it back to `GET /auth/callback`. `POST /auth/sign-out` ends the session here
 * and, where the provider supports it, there; `GET /auth/sign-out` asks first. `GET /auth/session` says as JSON who is
 * signed in.
 */
export function signInRouter(options: SignInRouterOptions): Router {
  const { provider, attempts, sessions, browserCookie, publicUrl, query, logger } = options;
  const router = Router();
  const baseOf = (request: Request): string => publicUrl ?? `http://${request.headers.host}`;

  router.use('/auth', (_, response, next) => {
    // The rule for other pages, `no-referrer`, would make browsers send a page's own form with `Origin: null`.
    response.set({ 'cache-control': 'no-store', 'referrer-policy': 'same-origin' });
    next();
  });

  router.get(signInPath, async (request, response) => {
    const redirectUri = `${baseOf(request)}${callbackPath}`;
    try {
      const { url, state, ...kept } = await provider.authorize(redirectUri, request.query.afresh === 'true');
      // A browser keeps the cookie it has, so that two tabs can sign in at the same time.
      const browser = browserCookie.read(request.headers.cookie) ?? randomToken();
      await attempts.begin(state, browser, { ...kept, redirectUri, returnTo: safeReturnTo(request.query.returnTo) });
      response.append('set-cookie', browserCookie.set(browser, attemptMinutes * 60));
      response.redirect(303, url.href);
    } catch (error) {
      if (!(error instanceof ProviderUnavailable)) throw error;
      logger.warn(`Nobody can sign in: ${describeFault(error, [options.clientSecret])}`);
      show(response.set('retry-after', '10'), pages.providerUnavailable);
    }
  });

  router.get(callbackPath, async (request, response) => {
    const { state } = request.query;
    const browser = browserCookie.read(request.headers.cookie);
    const attempt = typeof state === 'string' && browser !== null ? await attempts.take(state, browser) : null;
    if (typeof state !== 'string' || attempt === null) return show(response, pages.stale);
    const confirmed = await confirm(options, request, state, attempt);
    if ('page' in confirmed) return show(response, confirmed.page);
    const admission = await options.admit(confirmed.identity);
    if (admission.kind !== 'admitted') {
      logger.info(`A person signed in at the provider, but was not admitted here: ${admission.kind}`);
      return show(response, pages[admission.kind]);
    }
    const setCookie = await sessions.begin(admission.userId, {
      cookieHeader: request.headers.cookie,
      userAgent: request.headers['user-agent'] ?? '',
      idToken: confirmed.idToken,
    });
    response.append('set-cookie', setCookie);
    response.redirect(303, attempt.returnTo);
  });

  router.get('/auth/sign-out', async (request, response) => {
    const person = await personOf(sessions, query, request);
    show(response, person === null ? pages.signedOut : confirmSignOut(person.email ?? person.name));
  });

  router.post('/auth/sign-out', async (request, response) => {
    if (!isFromOwnPage(request.headers, publicUrl)) return show(response, pages.otherOrigin);
    const { setCookie, idToken } = await sessions.end(request.headers.cookie);
    const url = await provider.signOutUrl(`${baseOf(request)}/auth/sign-out`, idToken);
    response.append('set-cookie', setCookie);
    if (request.accepts(['html', 'json']) === 'json')
      response.json({ signedIn: false, providerSignOutUrl: url?.href ?? null });
    else show(response, url === null ? pages.signedOut : signedOutHere(url));
  });

  router.get('/auth/session', async (request, response) => {
    const person = await personOf(sessions, query, request);
    response.json(person === null ? { signedIn: false, signInUrl: signInPath } : { signedIn: true, ...person });
  });

  return router;
}

/** The router of a server without a provider: it says that sign-in is not set up, instead of answering 404. */
export function noSignInRouter(): Router {
  const router = Router();
  router.get(signInPath, (_, response) => show(response, pages.notSetUp));
  return router;
}

/** The user who came back from the provider, once every check has passed; else the page to show. */
async function confirm(
  { provider, clientSecret, logger }: SignInRouterOptions,
  request: Request,
  state: string,
  { codeVerifier, nonce, redirectUri }: Attempt,
): Promise<{ identity: Identity; idToken: string } | { page: Page }> {
  const { code, error } = request.query;
  const secrets = [clientSecret, codeVerifier, nonce, state, typeof code === 'string' ? code : null];
  const callbackUrl = new URL(redirectUri);
  callbackUrl.search = new URL(request.originalUrl, redirectUri).search;
  try {
    return await provider.exchange(callbackUrl, { state, nonce, codeVerifier });
  } catch (fault) {
    logger.warn(`A sign-in failed: ${describeFault(fault, secrets)}`);
    if (fault instanceof ProviderUnavailable || isNetworkFault(fault)) return { page: pages.providerUnavailable };
    if (error === 'access_denied') return { page: pages.denied };
    return { page: error === undefined ? pages.notConfirmed : pages.providerError };
  }
}

/** The provider can't be reached (fetch throws TypeError), or did not answer in time. */
function isNetworkFault(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && 'code' in error && error.code === 'OAUTH_TIMEOUT');
}

async function personOf(
  sessions: Sessions,
  query: Query,
  request: Request,
): Promise<{ name: string; email: string | null; expiresAt: Date } | null> {
  const session = await sessions.find(request.headers.cookie);
  if (session === null) return null;
  const [user] = await query<{ name: string; email: string | null }>(
    'SELECT name, email FROM users WHERE id = $1 AND deactivated_at IS NULL',
    [session.userId],
  );
  return user === undefined ? null : { ...user, expiresAt: session.expiresAt };
}

function show(response: Response, page: Page): void {
  response.status(page.status).type('html').send(renderPage(page));
}
