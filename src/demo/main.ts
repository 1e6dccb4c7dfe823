import { InvalidArgumentError, program } from 'commander';
import { messageOf } from '../protocol/message-of.js';
import { connect } from './connect.js';
import { demonstrateGlossTasks } from './gloss-tasks.js';
import { createGraphQLClient } from './graphql-client.js';
import { demonstrateLearningFromPeople } from './learn-from-people.js';
import { demonstrateLearningToDefine } from './learn-to-define.js';
import { demonstrateSpamFilter } from './spam-filter.js';
import { demonstrateDefinitions } from './write-definitions.js';

const options = program
  .name('npm run demo --')
  .description('Fine-tunes a model through the GraphQL API and shows the result.')
  .option('--multi-task', 'one encoder for two tasks on WordNet glosses, beside an encoder a task')
  .option('--generate', 'a small language model that learns to write definitions, and writes three')
  .option('--feedback', 'people who err label e-mails: those that a model is unsure of, or random ones')
  .option('--rlhf', 'definitions as judges prefer them: a reward model, the best of several, DPO and GRPO')
  .option('--seed <integer>', "the runs' seed", parseSeed, 1)
  .option(
    '--url <url>',
    'the platform to use, with ATTUNE_API_KEY if that is set; if none answers, one is started',
    'http://127.0.0.1:4000',
  )
  .parse()
  .opts<{ multiTask?: boolean; generate?: boolean; feedback?: boolean; rlhf?: boolean; seed: number; url: string }>();

const startedAt = performance.now();
const print = (line: string) => console.log(line);

const platform = await connect(options.url).catch((error) => {
  console.error(`\n${messageOf(error)}`);
  process.exit(1);
});
const client = createGraphQLClient(platform.url, process.env.ATTUNE_API_KEY ?? null);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await platform.stop();
    process.exit(1);
  });
}
try {
  print(`Platform     ${platform.url}${platform.started ? ' (started for this demo)' : ''}`);
  const demonstrate = options.rlhf
    ? demonstrateLearningToDefine
    : options.feedback
      ? demonstrateLearningFromPeople
      : options.generate
        ? demonstrateDefinitions
        : options.multiTask
          ? demonstrateGlossTasks
          : demonstrateSpamFilter;
  const { experimentId } = await demonstrate(client, options.seed, print);
  print(`\nDone in ${((performance.now() - startedAt) / 1000).toFixed(0)} s. What to try next:\n`);
  print(`  ${platform.started ? 'npm start, then open' : 'Open'} ${platform.url}/ and run:\n`);
  print(
    `  { experiment(id: "${experimentId}") { name status summary { definition { key } value } model { name id } } }\n`,
  );
  print(`  npm run demo -- ${options.multiTask ? '--seed 2' : '--multi-task'}`);
} catch (error) {
  console.error(`\n${messageOf(error)}`);
  process.exitCode = 1;
} finally {
  await client.close();
  await platform.stop();
}
process.exit();

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new InvalidArgumentError('An integer from 0 to 4294967295.');
  }
  return seed;
}
