/**
 * Condition on `feedback_answers a`, `feedback_claims c` and `feedback_tasks t`: the answer counts, or it is one to a
 * gold item or a repetition, which never count, and was given before the task was closed. `created_at` and `closed_at`
 * are both of the database's clock, taken under the task's lock.
 */
export const isInTime = `(a.counts OR ((c.picked = 'GOLD' OR c.repetition > 0)
  AND a.created_at <= coalesce(t.closed_at, 'infinity'::timestamptz)))`;

/** Condition on the same: it is a person's first answer to the item, one of gold or not, that is to be learnt from. */
export const isFirstInTime = `c.repetition = 0 AND ${isInTime}`;
