/**
 * What transformers.js makes of an export. The same module runs in Node and in a browser.
 *
 * @param library the module `@huggingface/transformers`
 * @param wish `folder`: the export's, within `env.localModelPath`; `dtype`; and one of
 *   `pipeline`: a task, with `inputs` and `settings` of its call;
 *   `outputs`: the name of a class whose graph reads `inputs`, texts, each by itself;
 *   `prompts`: rows of token ids, after each of which a language model writes `count` tokens, all together
 */
export async function answer(library, { folder, dtype, ...wish }) {
  const options = { dtype };
  if (wish.pipeline !== undefined) {
    const run = await library.pipeline(wish.pipeline, folder, options);
    try {
      return plain(await run(wish.inputs, wish.settings));
    } finally {
      await run.dispose();
    }
  }
  const model = await library[wish.outputs ?? 'AutoModelForCausalLM'].from_pretrained(folder, options);
  try {
    return wish.prompts === undefined
      ? await outputsOf(library, model, folder, wish.inputs)
      : await writtenBy(library, model, wish);
  } finally {
    await model.dispose();
  }
}

async function outputsOf(library, model, folder, inputs) {
  const tokenizer = await library.AutoTokenizer.from_pretrained(folder);
  const all = [];
  for (const text of inputs) {
    const outputs = await model(tokenizer(text, { truncation: true }));
    all.push(Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, plain(tensor)])));
  }
  return all;
}

/** Prompts are padded on the left. */
async function writtenBy(library, model, { prompts, count }) {
  const width = Math.max(...prompts.map(({ length }) => length));
  const rows = (of) =>
    new library.Tensor(
      'int64',
      BigInt64Array.from(
        prompts.flatMap((ids) => Array.from({ length: width }, (_, at) => of(ids, at - width + ids.length))),
      ),
      [prompts.length, width],
    );
  const given = await model.generate({
    input_ids: rows((ids, place) => BigInt(ids[place] ?? 0)),
    attention_mask: rows((_, place) => (place < 0 ? 0n : 1n)),
    max_new_tokens: count,
    do_sample: false,
  });
  return plain(given).map((ids) => ids.slice(width));
}

/** Tensors as lists, and all integers as numbers. */
function plain(value) {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value?.tolist === 'function') return plain(value.tolist());
  return value;
}
