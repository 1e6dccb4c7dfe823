import { orThrow } from '../typescript/index.js';
import { endedWell, watching } from './follow.js';
import { CancelGeneration, FollowGeneration, Generate, type GenerateInput } from './generated/operations.js';
import type { Session } from './session.js';
import { plain } from './table.js';

export interface StreamedAnswer {
  readonly text: string;
  readonly generationId: string;
}

/**
 * Lets a model write, and shows each text as it comes: the only answer as it grows, several ones when they are whole.
 * For scripts each event is a line. Returns the first answer. What is interrupted is cancelled at the server.
 */
export async function streamAnswer(session: Session, input: GenerateInput): Promise<StreamedAnswer> {
  const { client, surroundings } = session;
  const { id } = orThrow(await client.mutate(Generate, { ...input, wait: false }, session));
  const texts = new Map<string, string>();
  const isOnlyOne = input.prompts.length === 1 && (input.samples ?? 1) === 1;
  try {
    for await (const event of client.subscribe(FollowGeneration, { id, afterSeq: 0 }, watching(session))) {
      if (session.isJson) await session.show({ generationId: id, ...event }, () => '');
      if (event.__typename === 'TokensGenerated') {
        const key = `${event.prompt} ${event.sample}`;
        texts.set(key, (texts.get(key) ?? '') + event.text);
        if (isOnlyOne && !session.isJson) surroundings.stdout.write(plain(event.text));
      } else if (event.__typename === 'AnswerFinished' && !isOnlyOne && !session.isJson) {
        const text = texts.get(`${event.prompt} ${event.sample}`) ?? '';
        await session.show({}, () => `— prompt ${event.prompt + 1}, sample ${event.sample + 1}\n${text}`);
      } else if (event.__typename === 'GenerationEnded') {
        if (isOnlyOne && !session.isJson) surroundings.stdout.write('\n');
        endedWell('The generation', event);
      }
    }
  } catch (error) {
    // Nobody waits for the rest: what it would cost is spared.
    if (session.signal.aborted) await client.mutate(CancelGeneration, { generationId: id }).catch(() => undefined);
    throw error;
  }
  return { text: texts.get('0 0') ?? '', generationId: id };
}
