import { createHmac, randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../../database/transaction.js';

const keyBytes = 32;
/** 64 bits: of a million people, two have the same name with a probability of 3 · 10⁻⁸. */
const nameDigits = 16;

/**
 * Another name for each person: the same in all exports of one task, and another in those of other tasks. It is a
 * digest (HMAC-SHA-256) under a key that the platform keeps for the task, so that nobody who knows the ids of users can
 * find whose a name is.
 */
export type Pseudonyms = (userId: string) => string;

export function pseudonymsOf(key: Buffer): Pseudonyms {
  return (userId) => `person-${createHmac('sha256', key).update(userId).digest('hex').slice(0, nameDigits)}`;
}

/** The key of a task, which is drawn when it is first needed. */
export function pseudonymKey(dataSource: DataSource, taskId: string): Promise<Buffer> {
  return inTransaction(dataSource, async ({ query }) => {
    await query('INSERT INTO feedback_pseudonym_keys (task_id, key) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      taskId,
      randomBytes(keyBytes),
    ]);
    const [row] = await query<{ key: Buffer }>('SELECT key FROM feedback_pseudonym_keys WHERE task_id = $1', [taskId]);
    return row!.key;
  });
}
