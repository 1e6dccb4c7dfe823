/** Description of the `idempotencyKey` of every input that creates something. */
export const idempotencyKey =
  'Chosen by the client, at most 255 characters. A repeated call with the same key and the same input returns the first result; with another input it is refused.';
