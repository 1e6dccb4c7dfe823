import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildGraphQLSchema } from '../../src/app/build-schema.js';
import { connections, type FuzzedServer, startFuzzedServer } from './fuzzed-server.js';
import { leakIn } from './leaks.js';
import { damaged, randomOperation } from './operations.js';
import { createRandom } from './random.js';

/**
 * Operations made up from the schema, sent to the running server: whatever a client sends, the server answers, with a
 * status below 500, knows what went wrong, tells nothing of its inside, and keeps nothing.
 *
 * The same seed sends the same operations: `FUZZ_SEED=7 FUZZ_OPERATIONS=100000 npx vitest run tests/fuzz`.
 */
const seed = Number(process.env.FUZZ_SEED ?? 1);
const operations = Number(process.env.FUZZ_OPERATIONS ?? 10_000);
/** Of 8,000 operations, 2 KB each: what a leak of anything would exceed, and the noise of a heap does not. */
const maxGrownBytes = 16 * 2 ** 20;
/** After these, caches are warm: compiled statements, tokenizers, parsed documents. */
const warmUp = Math.min(2_000, operations / 2);

interface Failure {
  readonly operation: number;
  readonly why: string;
  readonly request: string;
  readonly answer: string;
}

let server: FuzzedServer;
beforeAll(async () => {
  server = await startFuzzedServer();
});
afterAll(() => server?.[Symbol.asyncDispose]());

const schema = buildGraphQLSchema();

/** Each operation has a seed of its own, so that one can be repeated without those before it. */
function requestOf(operation: number): string {
  const random = createRandom(seed * 1_000_003 + operation);
  const fuzzed = randomOperation(schema, random, server.known);
  return JSON.stringify(random.chance(0.15) ? damaged(fuzzed, random, server.known) : fuzzed);
}

test(`${operations} operations of seed ${seed}`, { timeout: 3_600_000 }, async () => {
  const failures: Failure[] = [];
  const answers = { executed: 0, problems: 0, refused: 0 };

  async function sendAll(from: number, to: number): Promise<void> {
    let next = from;
    const inTurn = async (): Promise<void> => {
      while (next < to && failures.length < 20) {
        const operation = next;
        next += 1;
        const request = requestOf(operation);
        const { status, body } = await server.send(request);
        const why = faultOf(status, body);
        if (why !== null)
          failures.push({ operation, why, request: request.slice(0, 3_000), answer: body.slice(0, 500) });
        if (body.startsWith('{"data":{')) answers.executed += 1;
        else answers.refused += 1;
        if (body.includes('"problems":[{')) answers.problems += 1;
      }
    };
    await Promise.all(Array.from({ length: connections }, inTurn));
  }

  await sendAll(0, warmUp);
  const before = await server.heapBytes();
  await sendAll(warmUp, operations);
  const grownBytes = (await server.heapBytes()) - before;
  console.log(`Seed ${seed}: ${JSON.stringify(answers)}, heap ${before} + ${grownBytes} bytes`);

  expect(failures).toEqual([]);
  expect(grownBytes).toBeLessThan(maxGrownBytes);
  // Most operations are to reach the resolvers, or nothing was tried.
  expect(answers.executed).toBeGreaterThan(operations / 3);
  expect(server.log()).toBe('');
});

function faultOf(status: number, body: string): string | null {
  if (status >= 500) return `status ${status}`;
  if (body.includes('INTERNAL_SERVER_ERROR')) return 'an unexpected error';
  const leak = leakIn(body, server.secrets);
  if (leak !== null) return `a leak: ${leak}`;
  try {
    JSON.parse(body);
    return null;
  } catch {
    return 'no JSON';
  }
}
