// @ts-check
// A training thread that trains nothing: it reports one loss for each step and writes checkpoints, through the real
// thread protocol and the real artifact store. The spec controls it: it runs `seed` steps, with a checkpoint every
// `checkpointEverySteps`; `textColumn` = 'crash' makes it die at the third step, 'repeat' makes it report its second
// step twice. An import moves one byte at a time, and never ends.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/** @import { JobContext } from '../../gpu-worker/thread-port.js' */
/** @import { ClaimedJob, JobPayload } from '../../src/protocol/job.js' */

// A thread runs what is built, and is checked against the sources.
const built = (/** @type {string} */ path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
/** @type {typeof import('../../gpu-worker/thread-port.js')} */
const { serveJobs } = await built('gpu-worker/thread-port.js');
/** @type {typeof import('../../src/storage/file-system-store.js')} */
const { openFileSystemStore } = await built('src/storage/file-system-store.js');

/** @type {import('../../gpu-worker/engine/types.js').EngineChoice} */
const engine = { target: 'cpu', reason: 'stand-in', rejected: [], threads: 1, version: 'stand-in' };
const store = await openFileSystemStore({ root: workerData.artifactFolder });

/** @param {unknown} content */
async function put(content) {
  const stored = await store.write(Buffer.from(JSON.stringify(content)));
  return { ...stored, mediaType: 'application/json' };
}

/** @param {JobContext} context @param {number} step */
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

/** @param {Extract<JobPayload, { kind: 'train' }>} payload @param {JobContext} context */
async function train({ spec }, context) {
  const { seed: steps, checkpointEverySteps } = spec.hyperparameters;
  const wish = 'textColumn' in spec ? spec.textColumn : null;
  context.status('TRAINING');
  for (let step = (context.resume?.step ?? 0) + 1; step <= steps; step += 1) {
    const reason = context.requested();
    if (reason !== null) {
      if (reason === 'pause' || reason === 'shutdown') await saveCheckpoint(context, step - 1);
      return { kind: 'stopped', reason };
    }
    await delay(2);
    context.beat();
    if (wish === 'crash' && step === 3) {
      setImmediate(() => {
        throw new Error('the thread is broken');
      });
      await new Promise(() => undefined);
    }
    /** @type {import('../../gpu-worker/thread-protocol.js').ReportedEvent} */
    const loss = { kind: 'metricsRecorded', step, epoch: step, samples: [{ key: 'train/loss', value: 1 / step }] };
    await context.events(wish === 'repeat' && step === 2 ? [loss, loss] : [loss]);
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

/** @param {JobContext} context */
async function moveForEver(context) {
  for (let bytesDone = 1; context.requested() === null; bytesDone += 1) {
    context.beat();
    context.progressed({ bytesDone, bytesTotal: 1_000_000, currentFile: 'model.safetensors' });
    await delay(2);
  }
  return { kind: 'stopped', reason: context.requested() };
}

/**
 * @param {ClaimedJob} job
 * @param {JobContext} context
 * @returns {Promise<any>} an outcome whose model has a manifest that no reader opens
 */
async function run(job, context) {
  if (job.payload.kind === 'train') return train(job.payload, context);
  if (job.payload.kind === 'import') return moveForEver(context);
  if (job.payload.kind !== 'predict') throw new Error(`The stand-in does no ${job.payload.kind}.`);
  const predictions = job.payload.texts.map((text) => ({ tokenCount: text.length, truncated: false, tasks: [] }));
  return { kind: 'finished', result: { kind: 'predict', predictions }, model: null };
}

if (parentPort !== null) serveJobs({ port: parentPort, engine, run, release: async () => undefined });
