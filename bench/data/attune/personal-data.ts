import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createScan } from '../../../gpu-worker/preparation/personal-data/scan.js';
import { usualScan } from '../../../src/protocol/preparation/steps/personal-data.js';
import type { SideResult, SideSettings } from '../settings.js';

/** The scan of a report, of all kinds that it looks for. */
export async function scanTexts({ texts }: SideSettings): Promise<Pick<SideResult, 'agreed' | 'figures'>> {
  const all: string[] = [];
  for await (const line of createInterface({ input: createReadStream(texts!.path) })) all.push(line);
  const before = process.cpuUsage();
  const began = performance.now();
  const scan = createScan(usualScan);
  let found = 0;
  for (const text of all) if (scan(text).length > 0) found++;
  const searchSeconds = (performance.now() - began) / 1e3;
  const { user, system } = process.cpuUsage(before);
  return {
    agreed: { texts: all.length },
    figures: { searchSeconds, searchProcessorSeconds: (user + system) / 1e6, textsWithFinds: found },
  };
}
