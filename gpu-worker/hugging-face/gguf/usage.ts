import { fenced } from '../export/python-code.js';
import type { TensorType } from './tensor-types.js';

/** What a reader of the card has to know of a file. */
interface UsageFacts {
  readonly file: string;
  readonly type: TensorType;
  /** Tokens of the longest text that llama.cpp reads as the model does, and that the model itself reads. */
  readonly contextLength: number;
  readonly maxPositions: number;
  /** What llama.cpp does otherwise than the tokenizer. */
  readonly notes: readonly string[];
}

/** What Ollama makes a model of; the chat template is read from the file itself. */
export function modelfile(file: string): string {
  return `FROM ./${file}\n`;
}

/** How the file is run. */
export function ggufUsage({ file, type, contextLength, maxPositions, notes }: UsageFacts): string {
  return [
    `\`${file}\` is for llama.cpp and what is built on it: ${stored(type)} The tokenizer is in the file, and the chat template where the model has one.`,
    '',
    'llama.cpp:',
    '',
    fenced('sh', `llama-cli -m ${file} -p "a text" -n 64`, `llama-server -m ${file}   # an OpenAI-compatible endpoint`),
    '',
    'Ollama, in this folder:',
    '',
    fenced('sh', 'ollama create my-model -f Modelfile', 'ollama run my-model'),
    '',
    'Node.js, with the package `node-llama-cpp`:',
    '',
    fenced(
      'js',
      "import { getLlama, LlamaCompletion } from 'node-llama-cpp';",
      '',
      'const llama = await getLlama();',
      `const model = await llama.loadModel({ modelPath: '${file}' });`,
      'const context = await model.createContext();',
      'const completion = new LlamaCompletion({ contextSequence: context.getSequence() });',
      "console.log(await completion.generateCompletion('a text', { maxTokens: 64, temperature: 0 }));",
    ),
    ...(contextLength < maxPositions || notes.length > 0 ? ['', 'What llama.cpp does otherwise:', ''] : []),
    ...(contextLength < maxPositions
      ? [
          `- llama.cpp has no sliding window for this family. Within ${contextLength} tokens, the length of the window, every token reads all before it, as in the model; the file names that length. The model itself reads up to ${maxPositions}.`,
        ]
      : []),
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
}

function stored(type: TensorType): string {
  switch (type) {
    case 'F32':
      return 'its numbers are float32, unchanged.';
    case 'F16':
      return 'its matrices are in half precision, norms and biases in float32.';
    case 'Q8_0':
      return 'its matrices are in 8 bits, with a scale for each 32 numbers of a row; norms and biases are in float32.';
    default:
      return type satisfies never;
  }
}
