import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../../database/transaction.js';
import type { Query } from '../../protocol/sql/query.js';
import type { Identity } from './identity.js';
import type { SignInSettings } from './settings.js';

/** Whether a person is admitted, and as which user; else the reason for the refusal. */
export type Admission =
  | { readonly kind: 'admitted'; readonly userId: string }
  | { readonly kind: 'noEmail' | 'emailNotVerified' | 'notInvited' | 'emailOfAnother' | 'deactivated' };

type Rules = Pick<SignInSettings, 'signUp' | 'administrators'>;

/**
 * Finds the user that a provider's identity belongs to. The first sign-in matches by verified e-mail address, which is
 * how people are invited; every later one by issuer and subject, which the provider never gives to another person. An
 * address alone never opens an account that another subject of the same provider signs in to, because addresses do pass
 * to other people. A user with another issuer, from before the operator changed the provider, is matched by address and
 * gets the new issuer.
 */
export function admit(dataSource: DataSource, identity: Identity, rules: Rules): Promise<Admission> {
  return inTransaction(dataSource, async ({ query }) => {
    const verified = identity.emailVerified ? identity.email : null;
    const administrator = verified !== null && rules.administrators.has(verified);
    const userId =
      (await knownSubject(query, identity, verified, administrator)) ??
      (verified === null ? null : await invited(query, identity, verified, administrator));
    if (userId !== null)
      return (await isActive(query, userId)) ? { kind: 'admitted', userId } : { kind: 'deactivated' };
    if (identity.email === null) return { kind: 'noEmail' };
    if (verified === null) return { kind: 'emailNotVerified' };
    // Another browser of the same person may have signed them up a moment ago: `newUser` finds what that one made.
    const [taken] = await query(
      'SELECT id FROM users WHERE email = $1 AND (issuer, subject) IS DISTINCT FROM ($2, $3)',
      [verified, identity.issuer, identity.subject],
    );
    if (taken !== undefined) return { kind: 'emailOfAnother' };
    if (!administrator && !maySignUp(rules.signUp, verified)) return { kind: 'notInvited' };
    return { kind: 'admitted', userId: await newUser(query, identity, verified, administrator) };
  });
}

async function knownSubject(
  query: Query,
  { issuer, subject, name }: Identity,
  verified: string | null,
  administrator: boolean,
): Promise<string | null> {
  const [user] = await query<{ id: string }>(
    `UPDATE users u SET name = $3, administrator = u.administrator OR $5,
       email = CASE WHEN EXISTS (SELECT FROM users other WHERE other.email = $4 AND other.id <> u.id) THEN u.email
         ELSE coalesce($4, u.email) END
     WHERE u.issuer = $1 AND u.subject = $2 RETURNING u.id`,
    [issuer, subject, name, verified, administrator],
  );
  return user?.id ?? null;
}

async function invited(
  query: Query,
  { issuer, subject, name }: Identity,
  verified: string,
  administrator: boolean,
): Promise<string | null> {
  const [user] = await query<{ id: string }>(
    `UPDATE users SET issuer = $1, subject = $2, name = $3, administrator = administrator OR $5
     WHERE email = $4 AND issuer IS DISTINCT FROM $1 RETURNING id`,
    [issuer, subject, name, verified, administrator],
  );
  return user?.id ?? null;
}

async function newUser(
  query: Query,
  { issuer, subject, name }: Identity,
  verified: string,
  administrator: boolean,
): Promise<string> {
  // Two browsers may sign the same new person in at once: the second statement finds the row that the first inserted.
  const [user] = await query<{ id: string }>(
    `INSERT INTO users (id, name, email, issuer, subject, administrator) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (issuer, subject) DO UPDATE SET name = excluded.name RETURNING id`,
    [randomUUID(), name, verified, issuer, subject, administrator],
  );
  return user!.id;
}

async function isActive(query: Query, userId: string): Promise<boolean> {
  const [user] = await query('SELECT id FROM users WHERE id = $1 AND deactivated_at IS NULL', [userId]);
  return user !== undefined;
}

function maySignUp(signUp: Rules['signUp'], email: string): boolean {
  switch (signUp.kind) {
    case 'invited':
      return false;
    case 'anyone':
      return true;
    case 'domains':
      return signUp.domains.has(email.slice(email.lastIndexOf('@') + 1));
    default:
      return signUp satisfies never;
  }
}
