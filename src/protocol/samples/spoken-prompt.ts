import type { Prompt } from '../generation.js';

/** A prompt, where it is a text, as what a user says; conversations stay as they are. */
export function spokenPrompt(prompt: Prompt, asConversation: boolean): Prompt {
  if (prompt.kind === 'messages' || !asConversation) return prompt;
  return { kind: 'messages', messages: [{ role: 'user', content: prompt.text }] };
}
