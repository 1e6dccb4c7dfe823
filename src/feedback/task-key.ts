import { randomBytes } from 'node:crypto';
import type { Query } from '../protocol/sql/query.js';

const keyBytes = 32;

/**
 * A task's secret, which is drawn when it is first needed and never leaves the platform. Other names of people, the
 * orders that they see and the keys of answers are made with it, so that nobody can find out by computing them whose
 * they are.
 */
export async function taskKey(query: Query, taskId: string): Promise<Buffer> {
  const known = await keyOf(query, taskId);
  if (known !== null) return known;
  const drawn = randomBytes(keyBytes);
  await query('INSERT INTO feedback_pseudonym_keys (task_id, key) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    taskId,
    drawn,
  ]);
  // Another request may have drawn one at this moment.
  return (await keyOf(query, taskId)) ?? drawn;
}

async function keyOf(query: Query, taskId: string): Promise<Buffer | null> {
  const [row] = await query<{ key: Buffer }>('SELECT key FROM feedback_pseudonym_keys WHERE task_id = $1', [taskId]);
  return row?.key ?? null;
}
