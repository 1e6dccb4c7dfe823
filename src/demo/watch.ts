import { MultiBar, Presets } from 'cli-progress';
import type { GraphQLClient } from './graphql-client.js';

const eventsDocument = /* GraphQL */ `
  subscription Watch($experimentId: ID!, $afterSeq: Int! = 0) {
    experimentEvents(experimentId: $experimentId, afterSeq: $afterSeq) {
      __typename
      ... on SequencedEvent { seq }
      ... on StatusChanged { to reason problem { message hint } }
      ... on ProgressMade { step totalSteps examplesPerSecond etaSeconds }
      ... on MetricsRecorded { step samples { key value } }
      ... on LogLine { level message }
      ... on TextsGenerated { texts { prompt text } }
    }
  }
`;

type WatchedEvent =
  | {
      __typename: 'StatusChanged';
      to: string;
      reason: string | null;
      problem: { message: string; hint: string | null } | null;
    }
  | {
      __typename: 'ProgressMade';
      step: number;
      totalSteps: number;
      examplesPerSecond: number | null;
      etaSeconds: number | null;
    }
  | { __typename: 'MetricsRecorded'; step: number; samples: readonly { key: string; value: number | null }[] }
  | { __typename: 'LogLine'; level: string; message: string }
  | { __typename: 'TextsGenerated'; texts: readonly { prompt: string; text: string }[] }
  | { __typename: 'CheckpointSaved' };

/** Progress bars on a terminal; elsewhere (a log file, CI), a line every few seconds. */
export interface ProgressDisplay {
  follow(client: GraphQLClient, experiment: { id: string; name: string }): Promise<void>;
  close(): void;
}

export function createProgressDisplay(): ProgressDisplay {
  const bars = new MultiBar(
    {
      format: '  {name} {bar} {step}/{steps} steps · loss {loss} · {rate} examples/s · {left} · {status}',
      barsize: 24,
      hideCursor: true,
      clearOnComplete: false,
      noTTYOutput: true,
      notTTYSchedule: 15_000,
      autopadding: true,
    },
    Presets.rect,
  );

  return {
    async follow(client, experiment) {
      const bar = bars.create(1, 0, {
        name: experiment.name.padEnd(14),
        step: 0,
        steps: '?',
        loss: '–',
        rate: '–',
        left: 'waiting',
        status: 'QUEUED',
      });
      for await (const { experimentEvents: event } of client.subscribe<{ experimentEvents: WatchedEvent }>(
        eventsDocument,
        {
          experimentId: experiment.id,
        },
      )) {
        switch (event.__typename) {
          case 'StatusChanged':
            bar.update({ status: event.to, ...(event.to === 'SUCCEEDED' ? { left: 'done' } : {}) });
            if (event.to === 'FAILED' || event.to === 'CANCELED') {
              bars.stop();
              throw new Error(
                `${experiment.name} ended as ${event.to}: ${[event.problem?.message, event.problem?.hint, event.reason].filter(Boolean).join(' ')}`,
              );
            }
            break;
          case 'ProgressMade':
            bar.setTotal(event.totalSteps);
            bar.update(event.step, {
              step: event.step,
              steps: event.totalSteps,
              rate: event.examplesPerSecond?.toFixed(0) ?? '–',
              left: event.etaSeconds === null ? '–' : `${Math.ceil(event.etaSeconds)} s left`,
            });
            break;
          case 'MetricsRecorded': {
            const loss = event.samples.find((sample) => sample.key === 'train/loss')?.value;
            if (loss !== undefined && loss !== null) bar.update({ loss: loss.toFixed(4) });
            break;
          }
          case 'LogLine':
            if (event.level !== 'INFO') bars.log(`  ${event.level}: ${event.message}\n`);
            break;
          case 'TextsGenerated':
          case 'CheckpointSaved':
            break;
          default:
            event satisfies never;
        }
      }
    },
    close: () => bars.stop(),
  };
}
