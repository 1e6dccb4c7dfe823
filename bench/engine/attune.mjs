/**
 * Attune's side, a process that takes turns: it reads commands from its standard input, one a line, and answers each with a line
 * of JSON.
 *
 *   steps N   trains N steps → { losses, milliseconds, cpuMilliseconds }, the latter two for each step
 *   end       → { peakBytes }, and exits
 *
 * Arguments: folder of the workload (written by main.mjs), dropout rate, threads.
 */
import { createInterface } from 'node:readline';
import { createTrainer } from './trainer.mjs';

const [folder, dropout, threads] = process.argv.slice(2);
const trainer = await createTrainer(folder, Number(dropout), Number(threads));
answer({ ready: true });

for await (const line of createInterface({ input: process.stdin })) {
  const [command, count] = line.split(' ');
  if (command === 'end') break;
  const [losses, milliseconds, cpuMilliseconds] = [[], [], []];
  for (let i = 0; i < Number(count); i++) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    losses.push(await trainer.step());
    milliseconds.push(performance.now() - start);
    const { user, system } = process.cpuUsage(before);
    cpuMilliseconds.push((user + system) / 1e3);
  }
  answer({ losses, milliseconds, cpuMilliseconds });
}
answer({ peakBytes: process.resourceUsage().maxRSS * 1024 });
process.exit(0);

function answer(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
