/**
 * ONNX Runtime's builds for Linux report how they are used to their makers unless ORT_DISABLE_TELEMETRY is 1 in the
 * environment of the process, at the time the library is loaded: the native code asks getenv, not Node. This module is
 * imported before the library wherever the library is imported, and first of all by every main file whose threads load
 * it.
 */
import { isMainThread } from 'node:worker_threads';

const name = 'ORT_DISABLE_TELEMETRY';

// In the main thread an assignment reaches the environment of the process. `process.env` of a worker thread is a copy.
if (isMainThread) process.env[name] = '1';
else if (process.env[name] !== '1') {
  throw new Error(
    `${name} is not set: ONNX Runtime would report its use. The main file must import engine/no-telemetry.js first.`,
  );
}
