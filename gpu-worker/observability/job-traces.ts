import type { OpenSpan, Tracing } from '../../src/observability/tracing.js';
import type { ClaimedJob, JobKind, JobOrigin } from '../../src/protocol/job.js';
import type { FromThread, TimedPart } from '../thread-protocol.js';
import type { JobEnd } from './worker-metrics.js';

/** The most spans within one job: a training of thousands of epochs has no span for each. */
const maxParts = 200;

/** What a training’s thread reports. */
type Report = Extract<FromThread, { readonly kind: 'events' | 'status' | 'checkpoint' | 'wentBack' }>;

/** Follows one job in a trace. */
export interface TracedJob {
  /** What the lines of the log say of the trace. */
  readonly fields: { readonly traceId: string; readonly spanId: string };
  reported(report: Report): void;
  /** A part of the thread’s work, which has just ended. */
  took(part: TimedPart, milliseconds: number): void;
  /** The thread is done: what it made is recorded next. */
  computed(): void;
  ended(how: JobEnd): void;
}

/**
 * A span for a job, within the operation that queued it: preparing, each epoch, compiling, evaluating, saving; never
 * one for a step. An attempt after a lost worker has a span of its own beside the first.
 */
export function traceJob(tracing: Tracing, job: ClaimedJob, origin: JobOrigin): TracedJob {
  const { payload } = job;
  const { kind } = payload;
  const { requestId, traceparent } = origin;
  const span = tracing.start(`run ${kind}`, traceparent === null ? null : { traceparent }, {
    kind: 'consumer',
    attributes: {
      'attune.job.id': job.id,
      'attune.job.kind': kind,
      'attune.job.attempt': job.attempt,
      ...(requestId === null ? {} : { 'attune.request.id': requestId }),
      ...(kind === 'train' ? { 'attune.run.id': payload.runId } : {}),
    },
  });
  const parts = partsOf(span, kind);
  let epoch = 0;
  return {
    fields: { traceId: span.traceId, spanId: span.spanId },
    reported(report) {
      if (report.kind === 'status') {
        parts.begin(report.to === 'EVALUATING' ? 'finish' : 'train');
        return;
      }
      if (report.kind !== 'events') return;
      for (const event of report.events) {
        if (event.kind !== 'metricsRecorded') continue;
        // Metrics say how many epochs have passed: those of the first epoch are above 0 and at most 1.
        const passed = Math.ceil(event.epoch);
        if (passed <= epoch) continue;
        epoch = passed;
        parts.epoch(passed);
      }
    },
    took: (part, milliseconds) => parts.took(part, milliseconds),
    computed: () => parts.begin('save'),
    ended(how) {
      parts.end();
      span.set({ 'attune.job.outcome': how });
      if (how === 'failed' || how === 'returned') span.fail(how);
      span.end();
    },
  };
}

type Part = 'prepare' | 'compute' | 'train' | 'finish' | 'save';

/** The parts of a job: one after the other, epochs and what the thread timed within them. */
function partsOf(span: OpenSpan, kind: JobKind) {
  let count = 0;
  const add = (parent: OpenSpan, name: string, startedAt?: number): OpenSpan | null => {
    if (count >= maxParts) return null;
    count += 1;
    return parent.child(name, startedAt === undefined ? {} : { startedAt });
  };
  let part = add(span, kind === 'train' ? 'prepare' : 'compute');
  let partBegan = performance.now();
  let epoch: OpenSpan | null = null;
  const end = (): void => {
    epoch?.end();
    epoch = null;
    part?.end();
    part = null;
  };
  return {
    begin(name: Part): void {
      end();
      partBegan = performance.now();
      part = add(span, name);
    },
    /** An epoch is told by its first update: it began where the one before it ended, or the part did. */
    epoch(number: number): void {
      if (part === null) return;
      const startedAt = epoch === null ? partBegan : performance.now();
      epoch?.end(startedAt);
      epoch = add(part, `epoch ${number}`, startedAt);
    },
    took(name: TimedPart, milliseconds: number): void {
      const now = performance.now();
      add(epoch ?? part ?? span, name, now - milliseconds)?.end(now);
    },
    end,
  };
}
