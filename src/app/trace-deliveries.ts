import type { OnTelling } from '../observability/operation-traces.js';
import type { Tracing } from '../observability/tracing.js';
import type { Query } from '../protocol/sql/query.js';

/** The column of `jobs` that names what a subscription follows. */
const columns: Readonly<Record<string, string>> = {
  experimentEvents: 'run_id',
  evaluationChanged: 'evaluation_id',
  modelImportChanged: 'import_id',
  modelExportChanged: 'export_id',
  batchPredictionChanged: 'batch_prediction_id',
  preparationChanged: 'preparation_id',
  datasetReportChanged: 'dataset_report_id',
  datasetExportChanged: 'dataset_export_id',
  modelRecommendationChanged: 'recommendation_id',
  scoredSamplesChanged: 'samples_id',
};
/** The most deliveries that wait for the place of their job in a trace; further ones get no span. */
const maxWaiting = 100;

/** What became of a job, as an event says it. */
interface StateChange {
  readonly id: string;
  readonly status: string;
}

export interface Deliveries {
  /** Makes what is told of a new subscription's events. */
  readonly telling: () => OnTelling;
  /** Resolves when the deliveries so far have their spans. */
  settle(): Promise<void>;
}

/**
 * Spans for what subscribers are told of their jobs: a change of state, never a metric or progress. They belong to the
 * trace of the operation that queued the job, and are linked to the subscription.
 */
export function traceDeliveries(tracing: Tracing, query: Query, log: (message: string) => void): Deliveries {
  const places = new WeakMap<object, Promise<string | null>>();
  const waiting = new Set<Promise<void>>();
  const placeOf = (event: object, column: string, id: string): Promise<string | null> => {
    const known = places.get(event);
    if (known !== undefined) return known;
    const read = query<{ traceparent: string | null }>(`SELECT traceparent FROM jobs WHERE ${column} = $1`, [id]).then(
      ([job]) => job?.traceparent ?? null,
    );
    places.set(event, read);
    return read;
  };
  const telling = (): OnTelling => {
    let last: string | null = null;
    return ({ field, event, answer, subscription, requestId }) => {
      const column = columns[field];
      const change = column === undefined ? null : changeIn(event);
      if (column === undefined || change === null || change.status === last || waiting.size >= maxWaiting) return;
      last = change.status;
      const startedAt = performance.now();
      const deliver = async (): Promise<void> => {
        await answer;
        const endedAt = performance.now();
        const traceparent = await placeOf(event as object, column, change.id);
        if (traceparent === null) return;
        const attributes = {
          'attune.subscription.field': field,
          'attune.status': change.status,
          'attune.request.id': requestId,
        };
        tracing
          .start(`deliver ${field}`, { traceparent }, { attributes, startedAt, linkedTo: subscription })
          .end(endedAt);
      };
      const delivering = deliver()
        .catch((error: unknown) => log(`The delivery of an event was not traced: ${String(error)}`))
        .finally(() => waiting.delete(delivering));
      waiting.add(delivering);
    };
  };
  return {
    telling,
    async settle() {
      await Promise.all(waiting);
    },
  };
}

/** The state that an event of a run, or the changed row of another job, tells; null: it tells something else. */
function changeIn(event: unknown): StateChange | null {
  if (typeof event !== 'object' || event === null) return null;
  if ('runId' in event && 'event' in event) {
    const { runId, event: reported } = event;
    if (typeof runId !== 'string' || typeof reported !== 'object' || reported === null) return null;
    if (!('kind' in reported) || reported.kind !== 'statusChanged' || !('to' in reported)) return null;
    return { id: runId, status: String(reported.to) };
  }
  if (!('id' in event) || !('status' in event)) return null;
  return typeof event.id === 'string' && typeof event.status === 'string'
    ? { id: event.id, status: event.status }
    : null;
}
