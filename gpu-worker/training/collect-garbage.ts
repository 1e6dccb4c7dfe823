import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Frees what a finished training held. Its parameters, gradients and moments lie in WebAssembly memory, gigabytes of
 * which look like a few objects to the collector: it would leave them until long after the next training has allocated
 * its own.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
