import { createHmac } from 'node:crypto';

/** 64 bits: of a million people, two have the same name with a probability of 3 · 10⁻⁸. */
const nameDigits = 16;

/**
 * Another name for each person: the same in all exports of one task, and another in those of other tasks. It is a
 * digest (HMAC-SHA-256) under the task's key, so that nobody who knows the ids of users can
 * find whose a name is.
 */
export type Pseudonyms = (userId: string) => string;

export function pseudonymsOf(key: Buffer): Pseudonyms {
  return (userId) => `person-${createHmac('sha256', key).update(userId).digest('hex').slice(0, nameDigits)}`;
}
