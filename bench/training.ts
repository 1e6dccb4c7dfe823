import { freemem } from 'node:os';
import type { Engine } from '../gpu-worker/engine/types.js';
import { trainSupervised } from '../gpu-worker/recipes/supervised.js';
import type { JobContext } from '../gpu-worker/thread-port.js';
import { availableMemory } from '../gpu-worker/training/memory-estimate.js';
import type { HeadsSpec } from '../src/protocol/methods/index.js';
import type { MetricSample } from '../src/protocol/run-event.js';
import type { ArtifactStore } from '../src/storage/artifact-store.js';

/** What a bench hears of a training. */
type Watcher = Partial<Pick<JobContext, 'status' | 'checkpoint' | 'events'>>;

/** Trains by the product's own recipe, from the start, as a job that nobody stops. */
export function train(
  tools: { readonly engine: Engine; readonly store: ArtifactStore },
  spec: HeadsSpec,
  watcher: Watcher = {},
): ReturnType<typeof trainSupervised> {
  const context: JobContext = {
    resume: null,
    olderCheckpoints: [],
    storageLeftBytes: null,
    requested: () => null,
    beat: () => undefined,
    status: () => undefined,
    checkpoint: () => undefined,
    progressed: () => undefined,
    discard: () => undefined,
    wentBack: () => undefined,
    log: () => undefined,
    events: async () => undefined,
    ...watcher,
  };
  return trainSupervised(
    { runId: crypto.randomUUID(), spec, context },
    { ...tools, clock: () => performance.now(), availableBytes: () => availableMemory(freemem()) },
  );
}

/** The metrics of some events, in their order. */
export function samplesOf(events: Parameters<JobContext['events']>[0]): (readonly MetricSample[])[] {
  return events.flatMap((event) => (event.kind === 'metricsRecorded' ? [event.samples] : []));
}

/** NaN where it is not finite, undefined where it was not recorded. */
export function recorded(samples: readonly MetricSample[], key: string): number | undefined {
  const sample = samples.find((candidate) => candidate.key === key);
  return sample === undefined ? undefined : (sample.value ?? Number.NaN);
}
