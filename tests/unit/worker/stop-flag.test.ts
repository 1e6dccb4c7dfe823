import { expect, test } from 'vitest';
import { createJobControl, stopFlag, stopSwitch } from '../../../gpu-worker/stop-flag.js';

function pair() {
  const control = createJobControl();
  return { main: stopSwitch(control), thread: stopFlag(control) };
}

test('the thread reads what main asked for', () => {
  const { main, thread } = pair();
  expect(thread.requested()).toBeNull();
  for (const reason of ['pause', 'shutdown', 'cancel', 'abandon'] as const) {
    main.request(reason);
    expect(thread.requested()).toBe(reason);
  }
});

test('a weaker wish does not replace a stronger one', () => {
  const { main, thread } = pair();
  main.request('cancel');
  main.request('shutdown');
  expect(thread.requested()).toBe('cancel');
});

test('only a pause can be taken back', () => {
  const { main, thread } = pair();
  main.request('pause');
  main.withdrawPause();
  expect(thread.requested()).toBeNull();
  main.request('cancel');
  main.withdrawPause();
  expect(thread.requested()).toBe('cancel');
});

test('main counts signs of life', () => {
  const { main, thread } = pair();
  thread.beat();
  thread.beat();
  expect(main.beats()).toBe(2);
});
