import { engine, setBackend } from '@tensorflow/tfjs-core';

/**
 * Runs `body` on one of tfjs's registered and initialized backends, and restores the previous one. It is synchronous,
 * so that no other user of tfjs in the process sees the switch. Tensors that `body` makes and does not return are
 * disposed.
 */
export function runOn<Result>(backendName: string, body: () => Result): Result {
  const tf = engine();
  const previous: string | null | undefined = tf.backendName;
  void setBackend(backendName);
  tf.startScope('eager');
  try {
    return body();
  } finally {
    tf.endScope();
    if (typeof previous === 'string' && previous !== backendName) void setBackend(previous);
  }
}
