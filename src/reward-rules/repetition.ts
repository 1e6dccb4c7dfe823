import { wordsOf } from './length.js';

/** Different n-grams of words / n-grams − 1; 0 for fewer than n words (Yeo et al. 2025, “Demystifying long CoT”). */
export function repetitionOf(text: string, n: number): number {
  const words = wordsOf(text.toLowerCase());
  const count = words.length - n + 1;
  if (count <= 0) return 0;
  const different = new Set<string>();
  for (let i = 0; i < count; i++) different.add(words.slice(i, i + n).join(' '));
  return different.size / count - 1;
}
