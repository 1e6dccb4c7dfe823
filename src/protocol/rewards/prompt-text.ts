import type { Prompt } from '../generation.js';

/** A prompt as one text: what is said in its messages, with an empty line between them. */
export function promptText(prompt: Prompt): string {
  return prompt.kind === 'text' ? prompt.text : prompt.messages.map(({ content }) => content).join('\n\n');
}
