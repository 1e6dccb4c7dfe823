// A training thread that trains nothing: it reports one loss for each step and writes checkpoints, through the real
// thread protocol and the real artifact store. The spec controls it: it runs `seed` steps, with a checkpoint every
// `checkpointEverySteps`; `textColumn` = 'crash' makes it die at the third step, 'repeat' makes it report its second
// step twice. An import moves one byte at a time, and never ends.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { serveJobs } from '../../dist/gpu-worker/thread-port.js';
import { openFileSystemStore } from '../../dist/src/storage/file-system-store.js';

const engine = { target: 'cpu', reason: 'stand-in', rejected: [], threads: 1, version: 'stand-in' };
const store = await openFileSystemStore({ root: workerData.artifactFolder });

async function put(content) {
  const stored = await store.write(Buffer.from(JSON.stringify(content)));
  return { ...stored, mediaType: 'application/json' };
}

async function saveCheckpoint(context, step) {
  const tensors = await put({ step });
  const manifest = await put({ step, tensors: tensors.digest });
  context.checkpoint({
    id: randomUUID(),
    step,
    best: false,
    digest: manifest.digest,
    sizeBytes: tensors.sizeBytes + manifest.sizeBytes,
    artifacts: [manifest, tensors],
  });
}

async function train({ spec }, context) {
  const { seed: steps, checkpointEverySteps } = spec.hyperparameters;
  context.status('TRAINING');
  for (let step = (context.resume?.step ?? 0) + 1; step <= steps; step += 1) {
    const reason = context.requested();
    if (reason !== null) {
      if (reason === 'pause' || reason === 'shutdown') await saveCheckpoint(context, step - 1);
      return { kind: 'stopped', reason };
    }
    await delay(2);
    context.beat();
    if (spec.textColumn === 'crash' && step === 3) {
      setImmediate(() => {
        throw new Error('the thread is broken');
      });
      await new Promise(() => undefined);
    }
    const loss = { kind: 'metricsRecorded', step, epoch: step, samples: [{ key: 'train/loss', value: 1 / step }] };
    await context.events(spec.textColumn === 'repeat' && step === 2 ? [loss, loss] : [loss]);
    if (step % checkpointEverySteps === 0) await saveCheckpoint(context, step);
  }
  context.status('EVALUATING');
  const [weights, tokenizer] = [await put('weights'), await put('tokenizer')];
  const manifest = {
    formatVersion: 1,
    weights: { digest: weights.digest, sizeBytes: weights.sizeBytes },
    tokenizer: { digest: tokenizer.digest, kind: 'unigram', vocabularySize: 8 },
  };
  const described = await put(manifest);
  return {
    kind: 'finished',
    result: { kind: 'train', modelDigest: described.digest },
    model: { digest: described.digest, manifest, artifacts: [described, weights, tokenizer] },
  };
}

async function moveForEver(context) {
  for (let bytesDone = 1; context.requested() === null; bytesDone += 1) {
    context.beat();
    context.transferred({ bytesDone, bytesTotal: 1_000_000, currentFile: 'model.safetensors' });
    await delay(2);
  }
  return { kind: 'stopped', reason: context.requested() };
}

async function run(job, context) {
  if (job.payload.kind === 'train') return train(job.payload, context);
  if (job.payload.kind === 'import') return moveForEver(context);
  const predictions = job.payload.texts.map((text) => ({ tokenCount: text.length, truncated: false, tasks: [] }));
  return { kind: 'finished', result: { kind: 'predict', predictions }, model: null };
}

serveJobs({ port: parentPort, engine, run, release: async () => undefined });
