import { Counter, Histogram, type Registry } from 'prom-client';

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * How late events arrive: the time from the moment that the database gave an event until an API process has read it,
 * for the log's followers. It compares two clocks, so it is right where the hosts of both agree on the time.
 */
export function eventLagMetrics(
  registry: Registry,
): (what: string, events: readonly { readonly at?: Date | string }[]) => void {
  const lag = new Histogram({
    name: 'attune_event_lag_seconds',
    help: 'Time from writing an event to reading it for its subscribers; of a page of events, that of the oldest.',
    labelNames: ['log'],
    buckets,
    registers: [registry],
  });
  const read = new Counter({
    name: 'attune_events_read_total',
    help: 'Events that were read because somebody follows their log.',
    labelNames: ['log'],
    registers: [registry],
  });
  return (what, events) => {
    const log = what.replaceAll(' ', '_');
    read.inc({ log }, events.length);
    const at = events[0]?.at;
    if (at !== undefined) lag.observe({ log }, Math.max(0, Date.now() - new Date(at).getTime()) / 1000);
  };
}
