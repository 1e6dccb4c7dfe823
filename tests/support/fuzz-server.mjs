// The whole platform without workers, in a process whose memory can be measured: `node --expose-gc fuzz-server.mjs`,
// with settings in the environment.
import pino from 'pino';
import { readEnv } from '../../dist/src/env.js';
import { startPlatform } from '../../dist/src/platform.js';

const logger = pino({ level: process.env.LOG_LEVEL ?? 'error' }, pino.destination(2));
const platform = await startPlatform(readEnv(), {
  logger,
  workerScript: '',
  workerEnv: {},
  writeWorkerLine: () => undefined,
  onLost: (error) => {
    throw error;
  },
});
process.send({ url: platform.url });

// Answers any message with the bytes in the heap after garbage collection.
process.on('message', () => {
  globalThis.gc();
  setImmediate(() => {
    globalThis.gc();
    process.send({ heapBytes: process.memoryUsage().heapUsed, cpuMs: process.cpuUsage().user / 1000 });
  });
});
process.on('disconnect', () => platform.close().then(() => process.exit()));
