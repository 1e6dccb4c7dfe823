/** Description of the `idempotencyKey` of every input that creates something. */
export const idempotencyKey =
  'Chosen by the client. A repeated call with the same key and the same input returns the first result; with another input, a problem.';
