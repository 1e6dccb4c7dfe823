import * as openid from 'openid-client';
import { differingIssuers } from './faults.js';
import { type Identity, identityOf } from './identity.js';
import type { SignInSettings } from './settings.js';

const timeoutSeconds = 10;
/** Endpoints change seldom. The library fetches signing keys again by itself when it meets a new one. */
const refreshMs = 3_600_000;

/** The provider, or its answer, can't be used. The person who signs in can do nothing about it. */
export class ProviderUnavailable extends Error {
  override readonly name = 'ProviderUnavailable';
}

/** The beginning of a sign-in: where to send the browser, and the values to keep until it comes back. */
interface Authorization {
  readonly url: URL;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export interface Provider {
  /** Checks that the provider can be used with these settings. Returns its issuer. Throws ProviderUnavailable. */
  check(): Promise<string>;
  /** With `afresh`, the provider asks who the person is even if it knows. Throws ProviderUnavailable. */
  authorize(redirectUri: string, afresh: boolean): Promise<Authorization>;
  /**
   * Exchanges the code in `callbackUrl` and checks everything: state, issuer, PKCE, and the ID token's signature,
   * issuer, audience, times and nonce. Throws ProviderUnavailable, and openid-client's errors when the provider refuses
   * or a check fails.
   */
  exchange(callbackUrl: URL, expected: Omit<Authorization, 'url'>): Promise<{ identity: Identity; idToken: string }>;
  /**
   * The URL that ends a browser's session at the provider too; null: the provider has no such endpoint, or can't be
   * reached.
   */
  signOutUrl(returnTo: string, idToken: string | null): Promise<URL | null>;
}

/**
 * The provider is discovered when it is first needed, so that the server starts without it; discovery is tried again
 * until it works.
 */
export function createProvider(settings: SignInSettings): Provider {
  let known: { readonly configuration: openid.Configuration; readonly at: number } | null = null;
  let discovering: Promise<openid.Configuration> | null = null;

  const configuration = async (): Promise<openid.Configuration> => {
    if (known !== null && performance.now() - known.at < refreshMs) return known.configuration;
    discovering ??= discover(settings).finally(() => {
      discovering = null;
    });
    try {
      const configuration = await discovering;
      known = { configuration, at: performance.now() };
      return configuration;
    } catch (error) {
      // The provider's description from an hour ago is most likely still true.
      if (known !== null) return known.configuration;
      throw error;
    }
  };

  return {
    async check() {
      return (await configuration()).serverMetadata().issuer;
    },

    async authorize(redirectUri, afresh) {
      const config = await configuration();
      const state = openid.randomState();
      const nonce = openid.randomNonce();
      const codeVerifier = openid.randomPKCECodeVerifier();
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: settings.scopes,
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        ...(afresh ? { prompt: 'login' } : {}),
      });
      return { url, state, nonce, codeVerifier };
    },

    async exchange(callbackUrl, { state, nonce, codeVerifier }) {
      const config = await configuration();
      const tokens = await openid.authorizationCodeGrant(config, callbackUrl, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined || tokens.id_token === undefined) throw new ProviderUnavailable('There is no ID token.');
      // Many providers keep ID tokens short and give the address only at the userinfo endpoint.
      const told = claims.email !== undefined && (claims.email_verified !== undefined || settings.trustEmails);
      const more =
        told || config.serverMetadata().userinfo_endpoint === undefined
          ? {}
          : await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
      return {
        identity: identityOf({ ...claims, ...more, iss: claims.iss, sub: claims.sub }, settings.trustEmails),
        idToken: tokens.id_token,
      };
    },

    async signOutUrl(returnTo, idToken) {
      const config = await configuration().catch(() => null);
      if (config?.serverMetadata().end_session_endpoint === undefined) return null;
      return openid.buildEndSessionUrl(config, {
        post_logout_redirect_uri: returnTo,
        ...(idToken === null ? {} : { id_token_hint: idToken }),
      });
    },
  };
}

async function discover({ issuer, clientId, clientSecret }: SignInSettings): Promise<openid.Configuration> {
  const server = new URL(issuer);
  // Settings allow http for this machine alone.
  const insecure = server.protocol === 'http:' ? [openid.allowInsecureRequests] : [];
  const found = await openid
    .discovery(server, clientId, undefined, openid.None(), { execute: insecure, timeout: timeoutSeconds })
    .catch((error: unknown) => {
      const named = error instanceof Error ? differingIssuers(error) : null;
      if (named !== null) {
        throw new ProviderUnavailable(
          `OIDC_ISSUER is ${JSON.stringify(named.expected)}, and its discovery document names another issuer, ` +
            `${JSON.stringify(named.got)}: set OIDC_ISSUER to exactly that, or to the address of the document`,
        );
      }
      throw new ProviderUnavailable(`The discovery document of ${issuer} could not be read`, { cause: error });
    });
  const metadata = found.serverMetadata();
  if (metadata.issuer.includes('{tenantid}')) {
    throw new ProviderUnavailable('OIDC_ISSUER names all tenants of Microsoft: use the issuer of one, with its id.');
  }
  const configuration = new openid.Configuration(
    metadata,
    clientId,
    undefined,
    clientAuthentication(clientSecret, metadata.token_endpoint_auth_methods_supported),
  );
  configuration.timeout = timeoutSeconds;
  if (insecure.length > 0) openid.allowInsecureRequests(configuration);
  // TLS to the token endpoint already vouches for the ID token; its signature is checked all the same.
  openid.enableNonRepudiationChecks(configuration);
  return configuration;
}

/**
 * How the client proves its identity. A provider that does not list the methods it supports supports
 * `client_secret_basic` (Discovery 1.0, section 3).
 */
function clientAuthentication(
  secret: string | null,
  supported: readonly string[] = ['client_secret_basic'],
): openid.ClientAuth {
  if (secret === null) return openid.None();
  if (supported.includes('client_secret_basic')) return openid.ClientSecretBasic(secret);
  if (supported.includes('client_secret_post')) return openid.ClientSecretPost(secret);
  throw new ProviderUnavailable(
    `The provider supports no way of sending the client secret that this server knows; it supports only: ${supported.join(', ')}.`,
  );
}
