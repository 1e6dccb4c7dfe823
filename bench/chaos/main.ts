/**
 * `npm run chaos -- --minutes N --seed S`: trains while processes are killed and stopped, connections break and bytes
 * of checkpoints are flipped, and checks that nothing was lost.
 *
 * On a temporary folder it starts two API processes, the first with the embedded PostgreSQL server, and two workers,
 * all on loopback. It trains a tiny BERT once in each of several ways, undisturbed. Then, for N minutes (10 by
 * default), it keeps two such trainings going, each followed by one subscriber over WebSocket and one over server-sent
 * events, and injects a fault every few seconds; seed S (1 by default) chooses which. In the end every training must
 * have the undisturbed model's digest and metric points, every subscriber must have seen every seq once and in order,
 * no row may be half-made, every file must have its bytes, and the project must use the storage that it used before.
 *
 * Writes one line for each fault and a summary. The exit status is 1 when something differs. Which instructions of the
 * processes a fault meets depends on the machine: the seed repeats the faults, not the moments.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom, uniform } from '../../gpu-worker/data/random.js';
import { compareStore, differences, type Ending, faultOfSeqs, halfMade, readEnding, storageUsed } from './checks.js';
import { createFaults, type FaultKind, faultKinds, mayMeet } from './faults.js';
import { type Follower, follow } from './follow.js';
import { readOptions } from './options.js';
import { openSite, type Site } from './site.js';
import { prepareMaterial, startTraining, type Variant, variants } from './trainings.js';

const { minutes, seed } = readOptions(process.argv.slice(2));
const trainingsAtOnce = 2;
/** Of the moments at which faults come, how many bring two of them. */
const doubleRate = 0.3;
/** A training takes seconds, on a busy machine a minute: one that takes this long after the last fault hangs. */
const patienceMs = 300_000;

interface Training {
  readonly id: string;
  readonly variant: Variant;
  readonly followers: readonly Follower[];
}

const beganAt = performance.now();
const say = (text: string): void =>
  console.log(`${((performance.now() - beganAt) / 1000).toFixed(0).padStart(5)} s  ${text}`);

const site = await openSite();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => void site.close().finally(() => process.exit(1)));
}
try {
  process.exitCode = (await run(site)) ? 0 : 1;
} finally {
  await site.close();
}

async function run(site: Site): Promise<boolean> {
  const hang = new AbortController();
  /** From now on trainings have to end within the patience, or the followers give up. */
  const limitPatience = (): NodeJS.Timeout =>
    setTimeout(() => hang.abort(new Error('Trainings hang.')), patienceMs).unref();
  const material = await prepareMaterial(site);
  let asked = 0;
  const begin = async (variant: Variant): Promise<Training> => {
    asked += 1;
    const id = await startTraining(site, material, variant, `${variant.name} ${asked}`);
    const followers = [
      follow(site, id, 'WebSocket', asked, hang.signal),
      follow(site, id, 'SSE', asked + 1, hang.signal),
    ];
    return { id, variant, followers };
  };

  const undisturbed = new Map<string, Ending>();
  for (const variant of variants) {
    const limit = limitPatience();
    const { id, followers } = await begin(variant);
    await Promise.all(followers.map(({ finished }) => finished));
    clearTimeout(limit);
    const ending = await readEnding(site, id);
    if (ending.modelDigest === null)
      throw new Error(`Undisturbed, ${variant.name} ended as ${ending.status}: ${ending.problem}`);
    undisturbed.set(variant.name, ending);
    say(`undisturbed: ${variant.name}, ${ending.points.size} points, model ${ending.modelDigest.slice(0, 12)}…`);
  }
  await sweepCheckpoints(site);
  const usedBefore = await storageUsed(site);

  const found: string[] = [];
  const random = createRandom(seed);
  const active = new Set<Training>();
  const faults = createFaults({ site, random, followers: () => [...active].flatMap(({ followers }) => followers) });
  const counts = new Map<FaultKind, number>(faultKinds.map((kind) => [kind, 0]));
  const until = performance.now() + minutes * 60_000;
  let reconnects = 0;
  let trained = 0;

  /** One place for trainings: begins one after the other, until the time is up. */
  const keepTraining = async (place: number): Promise<void> => {
    const choose = createRandom(seed, 1 + place);
    while (performance.now() < until) {
      const variant = variants[Math.floor(uniform(choose) * variants.length)]!;
      const training = await begin(variant);
      active.add(training);
      await Promise.all(training.followers.map(({ finished }) => finished));
      active.delete(training);
      trained += 1;
      const wrong = differences(await readEnding(site, training.id), undisturbed.get(variant.name)!);
      for (const follower of training.followers) {
        reconnects += follower.reconnects();
        const fault = faultOfSeqs(follower.seqs);
        if (fault !== null) wrong.push(`a subscriber's ${fault}`);
      }
      for (const each of wrong) {
        found.push(`${training.id} (${variant.name}): ${each}`);
        say(`DIFFERS  ${training.id} (${variant.name}): ${each}`);
      }
    }
  };
  const trainings = Array.from({ length: trainingsAtOnce }, (_, place) => keepTraining(place));
  const allTrained = Promise.all(trainings);
  allTrained.catch(() => undefined);

  while (performance.now() < until) {
    await delay(1000 + 3000 * uniform(random));
    const [kind, second] = [0, 1].map(() => faultKinds[Math.floor(uniform(random) * faultKinds.length)]!);
    const atOnce = uniform(random) < doubleRate && mayMeet(kind!, second!) ? [kind!, second!] : [kind!];
    await Promise.all(
      atOnce.map(async (each) => {
        const outcome = await faults.inject(each);
        if (outcome === null) return;
        counts.set(each, counts.get(each)! + 1);
        say(`${atOnce.length > 1 ? 'at once, ' : ''}${each}: ${outcome}`);
      }),
    );
  }
  say('no more faults: the trainings under way go on to their ends');
  const limit = limitPatience();
  await allTrained;
  clearTimeout(limit);

  await sweepCheckpoints(site);
  const usedAfter = await storageUsed(site);
  if (usedAfter !== usedBefore) found.push(`the project uses ${usedAfter} bytes, and used ${usedBefore} before`);
  found.push(...(await halfMade(site, asked)));
  const { faults: ofStore, filesWithoutRow } = await compareStore(site, faults.damaged);
  found.push(...ofStore);

  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  say(`${total} faults: ${[...counts].map(([kind, count]) => `${count} × ${kind}`).join(', ')}`);
  say(
    `${trained} trainings, ${reconnects} reconnections of their subscribers, ${filesWithoutRow} files left without a row`,
  );
  if (found.length === 0) say('nothing differs');
  for (const each of found) say(`DIFFERS  ${each}`);
  if (found.length > 0) {
    say(`again with: npm run chaos -- --minutes ${minutes} --seed ${seed}`);
    for (const worker of site.workers) console.log(worker.tail());
  }
  return found.length === 0;
}

/** Has the API remove the checkpoints of trainings that have ended, as it does at its start. */
async function sweepCheckpoints(site: Site): Promise<void> {
  await site.apis[1]!.process.end('SIGTERM');
  await site.startApi(1, { ATTUNE_CHECKPOINT_DAYS: '0' });
  await site.apis[1]!.process.end('SIGTERM');
  await site.startApi(1);
}
