/** A person, as the provider describes them. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** Lower case; null when the provider gave none. */
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly name: string;
}

const maxNameLength = 200;
/** The longest address that mail can be sent to. */
const maxEmailLength = 254;
const address = /^[^\s@]+@[^\s@]+$/;

/**
 * Reads the claims of an ID token, or of the userinfo endpoint. With `trustEmails`, an address counts as verified
 * unless the provider denies it. Some providers send `email_verified` as text.
 */
export function identityOf(
  claims: Readonly<Record<string, unknown>> & { readonly iss: string; readonly sub: string },
  trustEmails: boolean,
): Identity {
  const { email_verified: verified } = claims;
  const email = textOf(claims.email).toLowerCase();
  const known = email.length <= maxEmailLength && address.test(email) ? email : null;
  return {
    issuer: claims.iss,
    subject: claims.sub,
    email: known,
    emailVerified:
      known !== null && (verified === true || verified === 'true' || (verified === undefined && trustEmails)),
    name: nameOf(claims, known),
  };
}

function nameOf(claims: Readonly<Record<string, unknown>>, email: string | null): string {
  const name =
    textOf(claims.name) ||
    `${textOf(claims.given_name)} ${textOf(claims.family_name)}`.trim() ||
    textOf(claims.preferred_username) ||
    email ||
    'somebody';
  return name.slice(0, maxNameLength);
}

/** A claim's text on one line; empty when the claim is no text. */
function textOf(claim: unknown): string {
  return typeof claim === 'string' ? claim.replaceAll(/[\p{C}\s]+/gu, ' ').trim() : '';
}
