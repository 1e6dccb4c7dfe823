import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { atTheSameTime } from '../../../../gpu-worker/preparation/report/at-the-same-time.js';
import type { ReportTools } from '../../../../gpu-worker/preparation/report/reported-file.js';
import { openReportRoom } from '../../../support/report-file.js';

/** Beats until it has to leave. */
async function endless({ beat }: ReportTools): Promise<never> {
  for (;;) {
    beat();
    await setImmediate();
  }
}

describe('works at the same time', () => {
  it('come to the results of both, whose statements alternate', async () => {
    await using room = await openReportRoom();
    const order: string[] = [];
    const work = (name: string) => async (tools: ReportTools) => {
      for (let i = 0; i < 3; i++) {
        await tools.database.query('SELECT 1');
        order.push(name);
      }
      return name;
    };
    expect(await atTheSameTime(room.tools, work('one'), work('other'))).toEqual(['one', 'other']);
    expect(order.indexOf('other')).toBeLessThan(order.lastIndexOf('one'));
    expect(order.indexOf('one')).toBeLessThan(order.lastIndexOf('other'));
  });

  it.each(['one', 'other'])('end with the error of %s, after the second has left, too', async (failing) => {
    await using room = await openReportRoom();
    let left = false;
    const fails = async ({ database }: ReportTools) => {
      await database.query('SELECT no_such_column');
    };
    const stays = (tools: ReportTools) =>
      endless(tools).finally(() => {
        left = true;
      });
    const [one, other] = failing === 'one' ? [fails, stays] : [stays, fails];
    await expect(atTheSameTime(room.tools, one, other)).rejects.toThrow('no_such_column');
    expect(left).toBe(true);
  });

  it('end both when the job is to stop', async () => {
    await using room = await openReportRoom();
    let beats = 0;
    const stopping: ReportTools = {
      ...room.tools,
      beat() {
        if (++beats > 5) throw new Error('stopped');
      },
    };
    await expect(atTheSameTime(stopping, endless, endless)).rejects.toThrow('stopped');
  });
});
