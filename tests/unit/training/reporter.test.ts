import { describe, expect, it } from 'vitest';
import { createReporter } from '../../../gpu-worker/training/reporter.js';
import { recordingContext } from '../../numerics/recipes/recording-context.js';

const update = (step: number) => ({
  step,
  epoch: 0,
  index: step - 1,
  epochsSeen: step / 10,
  exampleCount: 8,
  batches: [],
});

describe('createReporter', () => {
  it('measures examples a second and the time left', async () => {
    const recorded = recordingContext();
    const report = createReporter(recorded.context, 10, () => 0);
    await report.update(update(1), 0.5, []);
    await report.update(update(2), 0.5, []);
    expect([...recorded.series('train/examplesPerSecond').values()]).toEqual([16, 16]);
    // At time 0 the first update was told; the second came within the same quarter second.
    expect(recorded.events.filter(({ kind }) => kind === 'progressMade')).toEqual([
      { kind: 'progressMade', step: 1, totalSteps: 10, epoch: 0.1, examplesPerSecond: 16, etaSeconds: 4.5 },
    ]);
  });

  it('tells of progress four times a second at most, and always of the last step', async () => {
    const recorded = recordingContext();
    let now = 0;
    const report = createReporter(recorded.context, 10, () => now);
    for (let step = 1; step <= 10; step++) {
      now += 100;
      await report.update(update(step), 0.1, []);
    }
    const steps = recorded.events.flatMap((event) => (event.kind === 'progressMade' ? [event.step] : []));
    expect(steps).toEqual([1, 4, 7, 10]);
    expect(recorded.series('train/examplesPerSecond').size).toBe(10);
  });

  it('gives no rate where no time has passed', async () => {
    const recorded = recordingContext();
    await createReporter(recorded.context, 1, () => 0).update(update(1), 0, [{ key: 'train/loss', value: 1 }]);
    expect(recorded.series('train/examplesPerSecond').size).toBe(0);
    expect(recorded.events[1]).toMatchObject({ kind: 'progressMade', examplesPerSecond: null, etaSeconds: 0 });
  });

  it('tells texts as PostgreSQL can store them', async () => {
    const recorded = recordingContext();
    const report = createReporter(recorded.context, 1, () => 0);
    const text = { prompt: 'a', text: 'b\u0000c', expected: '', isEnded: true, reward: 1 };
    await report.generated(0, 0, [text]);
    const [event] = recorded.events;
    expect(event).toMatchObject({ kind: 'textsGenerated', texts: [{ prompt: 'a', isEnded: true, reward: 1 }] });
    expect(JSON.stringify(event)).not.toContain('u0000');
  });

  it('enters evaluation once', () => {
    const recorded = recordingContext();
    const report = createReporter(recorded.context, 1, () => 0);
    report.evaluating();
    report.evaluating();
    expect(recorded.statuses).toEqual(['EVALUATING']);
  });
});
