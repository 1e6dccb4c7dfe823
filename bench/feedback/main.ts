/**
 * `npm run bench:feedback`: for how long statistics of feedback tasks keep the API from anything else.
 *
 * Starts the embedded database and the API, without workers, on a temporary folder; writes the largest tasks of which
 * statistics are computed (200,000 answers: 500 labels, rankings of 20 answers, spans, comparisons), and asks for all
 * that the graph tells of them, with as few rounds of the bootstrap as there may be: rounds take time in the thread of
 * statistics, and none in that of requests. Prints a row for each request: seconds, the longest time in which the
 * process computed one thing and took no other request, that time by the clock with waits for a processor, the load,
 * and what it refused. Ends with a status other than 0 where the computed time is 200 ms or more.
 *
 *   ATTUNE_BENCH_KINDS     only tasks of these kinds, such as `labels,pairwise`. By default all
 *   ATTUNE_BENCH_ANSWERS   answers of the largest tasks. By default 200,000, the most of which statistics are computed
 *
 * `--toy` (part of `npm run bench:check`) does the same with few answers.
 */
import { loadavg } from 'node:os';
import { isToy } from '../is-toy.js';
import { withPlatform } from '../metrics/platform.js';
import { watchBlocks } from './blocks.js';
import { addPeople, addTask, type LargeTask } from './tasks.js';

const most = 200;
const scale = isToy ? 1 / 400 : 1;
const largest = Number(process.env.ATTUNE_BENCH_ANSWERS ?? 200_000);
const answers = largest * scale;
const people = Math.max(20, 1_000 * scale);

const agreement = 'agreement(rounds: 100) { raw { value lower upper } alpha { value reason } gwetAc1 { value } }';
const annotators = 'annotators { answerCount agreement flags { text } }';
const likely = (method: string) => `likelyAnswers(first: 100, method: ${method}) { nodes { category probability } }`;
const ranking = (style: boolean) =>
  `ranking(of: ANSWER_SETTINGS, styleControl: ${style}, rounds: 100) { competitors { key rating lower upper } comparisonCount }`;

const tasks: readonly (LargeTask & { readonly asks: readonly string[]; readonly policies: readonly string[] })[] = [
  {
    name: '500 labels, 4 answers an item',
    kind: 'labels',
    answers,
    perItem: 4,
    asks: [agreement, annotators, likely('MAJORITY'), likely('ONE_COIN'), likely('CONFUSION'), likely('CROWDLAB')],
    policies: ['posterior', 'majority'],
  },
  {
    // So many that it is refused, and not as many as take all the time that there is.
    name: '500 labels, 2 answers an item',
    kind: 'labels',
    answers: 200_000 * scale,
    perItem: 2,
    asks: [likely('ONE_COIN')],
    policies: ['posterior'],
  },
  {
    name: 'rankings of 20 answers',
    kind: 'ranking',
    answers,
    perItem: 2,
    asks: [agreement, annotators, likely('MAJORITY'), ranking(false)],
    policies: ['posterior'],
  },
  {
    name: 'rankings of 20 answers, as many as are fitted',
    kind: 'ranking',
    answers: 10_500 * scale,
    perItem: 2,
    asks: [ranking(false), ranking(true)],
    policies: [],
  },
  {
    name: '20 spans an answer',
    kind: 'spans',
    answers,
    perItem: 2,
    asks: [agreement, annotators, likely('MAJORITY')],
    policies: [],
  },
  {
    name: 'comparisons',
    kind: 'pairwise',
    answers,
    perItem: 2,
    asks: [agreement, annotators, likely('CONFUSION'), ranking(false), ranking(true)],
    policies: ['posterior'],
  },
];

interface Reply {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string }[];
}

let longest = 0;
await withPlatform(async ({ url, client }) => {
  const request = async (query: string, variables: object): Promise<string> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as Reply;
    const found = data?.createDatasetFromFeedback as { problems?: readonly { message: string }[] } | undefined;
    const wrong = errors ?? found?.problems ?? [];
    return wrong.map(({ message }) => message).join(' ');
  };
  const users = await addPeople(client, people);
  console.log(
    '| task | asked for | seconds | longest computed (ms) | longest by the clock (ms) | load | refused |\n' +
      '| --- | --- | --- | --- | --- | --- | --- |',
  );
  const kinds = process.env.ATTUNE_BENCH_KINDS?.split(',') ?? null;
  for (const task of tasks) {
    if (kinds !== null && !kinds.includes(task.kind)) continue;
    const id = await addTask(client, users, task);
    const measure = async (what: string, work: () => Promise<string>): Promise<void> => {
      const blocks = watchBlocks();
      const began = performance.now();
      const refused = await work();
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const { computedMs, elapsedMs } = blocks.longest();
      longest = Math.max(longest, computedMs);
      const load = loadavg()[0]!.toFixed(1);
      console.log(
        `| ${task.name} | ${what} | ${seconds} | ${computedMs.toFixed(0)} | ${elapsedMs.toFixed(0)} | ${load} | ${refused} |`,
      );
    };
    for (const ask of task.asks) {
      const query = `query ($id: ID!) { node(id: $id) { ... on FeedbackTask { ${ask} } } }`;
      await measure(ask.slice(0, ask.indexOf(' {')), () => request(query, { id }));
    }
    for (const policy of task.policies) {
      const query = `mutation ($id: ID!) { createDatasetFromFeedback(input: { projectSlug: "default", taskIds: [$id],
        name: "${task.name} ${policy}", policy: { ${policy}: {} } }) { ... on Problems { problems { message } } } }`;
      await measure(`dataset by ${policy}`, () => request(query, { id }));
    }
  }
});
console.log(`\nThe process computed one thing and took no other request for at most ${longest.toFixed(0)} ms.`);
if (!isToy && longest >= most) process.exitCode = 1;
