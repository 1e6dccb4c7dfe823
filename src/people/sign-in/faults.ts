import { AuthorizationResponseError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';

const maxLength = 500;

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
  return `${error.message}${code}`;
}
