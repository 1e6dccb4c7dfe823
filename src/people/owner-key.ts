import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { newApiKeySecret } from '../access/api-key-secret.js';
import { scopes } from '../access/rights.js';
import { ownerUserId } from '../access/viewer.js';
import { inTransaction } from '../database/transaction.js';

/**
 * Locked while a process checks whether there is a key, so that only one of several API processes that start at once
 * creates it.
 */
const ownerKeyLock = { space: 0x4154_544e, key: 3 } as const;

/**
 * The owner's key that the first start prints, with every scope; null when the owner already had a key, even a revoked
 * one. Only the caller learns the secret.
 */
export function createFirstOwnerKey(dataSource: DataSource): Promise<string | null> {
  return inTransaction(dataSource, async ({ query }) => {
    await query('SELECT pg_advisory_xact_lock($1, $2)', [ownerKeyLock.space, ownerKeyLock.key]);
    const { secret, digest, hint } = newApiKeySecret();
    const inserted = await query(
      `INSERT INTO api_keys (id, user_id, name, digest, hint, scopes, created_by)
       SELECT $1, $2, 'Printed by the first start', $3, $4, $5, $2
       WHERE NOT EXISTS (SELECT FROM api_keys WHERE user_id = $2) RETURNING id`,
      [randomUUID(), ownerUserId, digest, hint, [...scopes]],
    );
    return inserted.length === 0 ? null : secret;
  });
}
