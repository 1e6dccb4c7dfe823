import { z } from 'zod';
import { EnvironmentError, type Variable } from '../../protocol/environment.js';

/** How people sign in through an OpenID provider. */
export interface SignInSettings {
  /**
   * Where discovery starts: the provider's issuer, or the address of its discovery document. Whether an issuer ends in
   * a slash can't be told from that address, so the issuer is what the document says.
   */
  readonly issuer: string;
  readonly clientId: string;
  /** Null: a public client, which proves its identity by PKCE alone. */
  readonly clientSecret: string | null;
  /** Separated by spaces. */
  readonly scopes: string;
  readonly signUp: SignUp;
  /** In lower case. Whoever signs in with one of these addresses is admitted, and becomes an administrator. */
  readonly administrators: ReadonlySet<string>;
  /** Whether an address counts as verified when the provider does not say so. */
  readonly trustEmails: boolean;
}

/**
 * Who gets an account by signing in: invited people alone, anyone whom the provider knows, or people with an address in
 * certain domains.
 */
export type SignUp =
  | { readonly kind: 'invited' }
  | { readonly kind: 'anyone' }
  | { readonly kind: 'domains'; readonly domains: ReadonlySet<string> };

/** Loopback addresses as HOST and as URLs spell them. */
const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1', '[::1]']);
const domain = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const email = /^[^\s@,]+@[^\s@,]+$/;

/** Whether secrets may be sent to a URL: over TLS, or to this machine. */
function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && loopbackNames.has(hostname));
}

/**
 * Whether people on other machines reach the server by this URL, through a proxy say, no matter which address the
 * server listens on.
 */
export function isReachedFromElsewhere(publicUrl: string | null): boolean {
  return publicUrl !== null && !loopbackNames.has(new URL(publicUrl).hostname);
}

const splitList = (text: string): string[] =>
  text
    .toLowerCase()
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');

const signUp = z
  .string()
  .default('invited')
  .transform((text, context): SignUp => {
    if (text === 'invited' || text === 'anyone') return { kind: text };
    const domains = splitList(text);
    if (domains.length > 0 && domains.every((each) => domain.test(each)))
      return { kind: 'domains', domains: new Set(domains) };
    context.addIssue('no domains');
    return z.NEVER;
  });

/** The environment variables of sign-in, for readVariables. */
export const signInVariables = {
  ATTUNE_PUBLIC_URL: {
    schema: z
      .string()
      .refine((text) => isSafe(text) && new URL(text).pathname === '/')
      .transform((text) => new URL(text).origin)
      .optional(),
    allowed:
      'the URL that people reach this server by, without a path, such as https://attune.example.com; http for localhost only',
  } satisfies Variable<string | undefined>,
  OIDC_ISSUER: {
    schema: z.string().refine(isSafe).optional(),
    allowed:
      "the OpenID provider's issuer, such as https://login.example.com/realms/staff, or the address of its discovery document; http for localhost only",
  } satisfies Variable<string | undefined>,
  OIDC_CLIENT_ID: {
    schema: z.string().min(1).optional(),
    allowed: 'the client id that the OpenID provider gave to this server',
  } satisfies Variable<string | undefined>,
  OIDC_CLIENT_SECRET: {
    schema: z.string().min(1).optional(),
    allowed: 'the secret of that client; leave it out for a public client',
    secret: true,
  } satisfies Variable<string | undefined>,
  OIDC_SCOPES: {
    schema: z
      .string()
      .default('openid email profile')
      .refine(
        (text) =>
          /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(text) && text.split(' ').includes('openid'),
      ),
    allowed: 'scopes with a space between them, openid among them (default openid email profile)',
  } satisfies Variable<string>,
  OIDC_SIGN_UP: {
    schema: signUp,
    allowed: 'invited, anyone, or e-mail domains with commas between them, such as example.com (default invited)',
  } satisfies Variable<SignUp>,
  OIDC_ADMINISTRATORS: {
    schema: z
      .string()
      .default('')
      .transform(splitList)
      .refine((addresses) => addresses.every((each) => email.test(each))),
    allowed: 'e-mail addresses with commas between them',
  } satisfies Variable<string[]>,
  OIDC_TRUST_EMAILS: {
    schema: z
      .enum(['true', 'false'])
      .default('false')
      .transform((text) => text === 'true'),
    allowed: 'true or false (default false)',
  } satisfies Variable<boolean>,
};

type Values = { readonly [Name in keyof typeof signInVariables]: z.output<(typeof signInVariables)[Name]['schema']> };

/**
 * The settings of sign-in; null: sign-in is not set up. Throws EnvironmentError.
 * @param host the address that the server listens on. From a loopback address the server knows the URL to return to;
 * for any other address only the operator knows it.
 */
export function signInSettings(values: Values, host: string): SignInSettings | null {
  const issuer = values.OIDC_ISSUER;
  const missing: { name: string; value: string; allowed: string }[] = [];
  const need = (name: keyof typeof signInVariables, why: string): void => {
    if (values[name] === undefined)
      missing.push({ name, value: '', allowed: `${signInVariables[name].allowed} (${why})` });
  };
  if (issuer === undefined) {
    if (values.OIDC_CLIENT_ID !== undefined || values.OIDC_CLIENT_SECRET !== undefined) {
      need('OIDC_ISSUER', 'OIDC_CLIENT_ID is set, but the provider is not named');
    }
  } else {
    need('OIDC_CLIENT_ID', 'OIDC_ISSUER is set');
    if (!loopbackNames.has(host)) need('ATTUNE_PUBLIC_URL', 'OIDC_ISSUER is set, and HOST is no loopback address');
  }
  if (missing.length > 0) throw new EnvironmentError(missing);
  if (issuer === undefined) return null;
  return {
    issuer,
    clientId: values.OIDC_CLIENT_ID!,
    clientSecret: values.OIDC_CLIENT_SECRET ?? null,
    scopes: values.OIDC_SCOPES,
    signUp: values.OIDC_SIGN_UP,
    administrators: new Set(values.OIDC_ADMINISTRATORS),
    trustEmails: values.OIDC_TRUST_EMAILS,
  };
}
