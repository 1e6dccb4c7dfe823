import { AuthorizationResponseError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';

const maxLength = 500;
const maxIssuerLength = 150;

/**
 * Describes a fault between this server and the provider, for the log. An error of the client library holds the
 * provider's whole answer: tokens, claims, the code. So only names, codes and the provider's own description are taken,
 * and known secrets are removed from that description.
 */
export function describeFault(error: unknown, secrets: readonly (string | null)[]): string {
  const parts: string[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    parts.push(describeOne(at));
  }
  const described = [...new Set(parts)].join(': ') || 'unknown';
  return secrets
    .filter((secret) => secret !== null && secret !== '')
    .reduce((text: string, secret) => text.replaceAll(secret!, '…'), described)
    .replaceAll(/[\r\n\t]+/g, ' ')
    .slice(0, maxLength);
}

function describeOne(error: Error): string {
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError) {
    return [error.error, error.error_description].filter((part) => part !== undefined).join(', ');
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    return error.cause.map(({ parameters }) => `${parameters.error ?? error.status}`).join(', ');
  }
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  const issuers = differingIssuers(error);
  const differing =
    issuers === null ? '' : `: ${JSON.stringify(issuers.got)} is not ${JSON.stringify(issuers.expected)}`;
  return `${error.message}${code}${differing}`;
}

/**
 * The two issuers, where the fault is that one is not the other: in the discovery document, an ID token, or the
 * provider's redirect. Null: the fault is another one. Nothing else is taken of the answer that the error holds.
 */
export function differingIssuers(error: Error): { readonly expected: string; readonly got: string } | null {
  const { cause } = error;
  if (typeof cause !== 'object' || cause === null || !('expected' in cause)) return null;
  const got =
    'body' in cause && 'attribute' in cause && cause.attribute === 'issuer'
      ? valueIn(cause.body, 'issuer')
      : 'claims' in cause && 'claim' in cause && cause.claim === 'iss'
        ? valueIn(cause.claims, 'iss')
        : 'parameters' in cause && cause.parameters instanceof URLSearchParams
          ? cause.parameters.get('iss')
          : null;
  if (typeof cause.expected !== 'string' || typeof got !== 'string') return null;
  return { expected: cause.expected.slice(0, maxIssuerLength), got: got.slice(0, maxIssuerLength) };
}

function valueIn(holder: unknown, key: string): unknown {
  return typeof holder === 'object' && holder !== null ? (holder as Readonly<Record<string, unknown>>)[key] : null;
}
