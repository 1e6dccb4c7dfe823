import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { newApiKeySecret } from '../../../src/access/api-key-secret.js';
import { ownerUserId } from '../../../src/access/viewer.js';

/** Adds an API key that may read, and returns its secret. */
export async function addReadingKey(client: pg.Client): Promise<string> {
  const { secret, digest, hint } = newApiKeySecret();
  await client.query(
    `INSERT INTO api_keys (id, user_id, name, digest, hint, scopes, created_by) VALUES ($1, $2, 'of the bench', $3, $4, '{READ}', $2)`,
    [randomUUID(), ownerUserId, digest, hint],
  );
  return secret;
}
