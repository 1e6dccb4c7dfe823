// Supervises one worker as an API process would, and prints nothing itself.
import { superviseWorkers } from '../../dist/src/workers/worker-process.js';

superviseWorkers({
  count: 1,
  script: process.argv[2],
  env: { ...process.env, ROLE: 'stay' },
  writeLine: (line) => process.send(line),
  log: () => undefined,
});
