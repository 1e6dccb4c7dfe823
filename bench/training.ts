import { freemem } from 'node:os';
import type { Engine } from '../gpu-worker/engine/types.js';
import { trainLanguageModel } from '../gpu-worker/recipes/language-modelling.js';
import { trainPolicy as trainPolicyOf } from '../gpu-worker/recipes/policy-optimization.js';
import { trainOnPreferences } from '../gpu-worker/recipes/preference-optimization.js';
import { trainRewardModel } from '../gpu-worker/recipes/reward-modelling.js';
import { trainSupervised } from '../gpu-worker/recipes/supervised.js';
import type { JobContext } from '../gpu-worker/thread-port.js';
import { availableMemory } from '../gpu-worker/training/available-memory.js';
import { loadConversations } from '../gpu-worker/training/load-conversations.js';
import { loadLanguageTraining } from '../gpu-worker/training/load-language.js';
import type {
  HeadsSpec,
  InstructionTuningSpec,
  LanguageModellingSpec,
  PolicyOptimizationSpec,
  PreferenceOptimizationSpec,
  RewardModellingSpec,
} from '../src/protocol/methods/index.js';
import type { MetricSample } from '../src/protocol/run-event.js';
import type { ArtifactStore } from '../src/storage/artifact-store.js';

/** What a bench hears of a training. */
type Watcher = Partial<Pick<JobContext, 'status' | 'checkpoint' | 'events'>>;

interface Parts {
  readonly engine: Engine;
  readonly store: ArtifactStore;
}

/** Trains heads by the product's own recipe, from the start, as a job that nobody stops. */
export function train(parts: Parts, spec: HeadsSpec, watcher: Watcher = {}): ReturnType<typeof trainSupervised> {
  return trainSupervised({ runId: crypto.randomUUID(), spec, context: contextOf(watcher) }, toolsOf(parts));
}

/** The same of a language model, on raw texts. */
export function trainLanguage(
  parts: Parts,
  spec: LanguageModellingSpec,
  watcher: Watcher = {},
): ReturnType<typeof trainLanguageModel> {
  const run = { runId: crypto.randomUUID(), spec, context: contextOf(watcher) };
  const tools = toolsOf(parts);
  return trainLanguageModel(run, tools, () => loadLanguageTraining(run, tools));
}

/** The same on conversations. */
export function trainInstructions(
  parts: Parts,
  spec: InstructionTuningSpec,
  watcher: Watcher = {},
): ReturnType<typeof trainLanguageModel> {
  const run = { runId: crypto.randomUUID(), spec, context: contextOf(watcher) };
  const tools = toolsOf(parts);
  return trainLanguageModel(run, tools, () => loadConversations(run, tools));
}

/** The same of a reward model. */
export function trainRewards(
  parts: Parts,
  spec: RewardModellingSpec,
  watcher: Watcher = {},
): ReturnType<typeof trainRewardModel> {
  return trainRewardModel({ runId: crypto.randomUUID(), spec, context: contextOf(watcher) }, toolsOf(parts));
}

/** The same of a model that learns what is rewarded. */
export function trainPolicy(
  parts: Parts,
  spec: PolicyOptimizationSpec,
  watcher: Watcher = {},
): ReturnType<typeof trainPolicyOf> {
  return trainPolicyOf({ runId: crypto.randomUUID(), spec, context: contextOf(watcher) }, toolsOf(parts));
}

export function trainPreferences(
  parts: Parts,
  spec: PreferenceOptimizationSpec,
  watcher: Watcher = {},
): ReturnType<typeof trainOnPreferences> {
  return trainOnPreferences({ runId: crypto.randomUUID(), spec, context: contextOf(watcher) }, toolsOf(parts));
}

/** The context of a job that nobody stops. */
export function contextOf(watcher: Watcher = {}): JobContext {
  return {
    resume: null,
    olderCheckpoints: [],
    storageLeftBytes: null,
    keptLogProbabilities: [],
    timed: (_part, work) => work(),
    requested: () => null,
    beat: () => undefined,
    status: () => undefined,
    checkpoint: () => undefined,
    generated: () => undefined,
    progressed: () => undefined,
    discard: () => undefined,
    keep: () => undefined,
    wentBack: () => undefined,
    log: () => undefined,
    events: async () => undefined,
    ...watcher,
  };
}

function toolsOf(parts: Parts) {
  return { ...parts, clock: () => performance.now(), availableBytes: () => availableMemory(freemem()) };
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
