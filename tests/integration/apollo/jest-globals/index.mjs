import { vi, afterEach as vitestAfterEach } from 'vitest';

export { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
export { vi as jest };

/** Jest's hooks may take a callback to call when they are done; vitest's return a promise. */
export function afterEach(hook) {
  vitestAfterEach(hook.length === 0 ? () => hook() : () => new Promise((done) => hook(done)));
}
