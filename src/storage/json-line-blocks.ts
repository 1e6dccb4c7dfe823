/** Characters of a block, at least. */
const blockLength = 2 ** 20;

/** Objects as JSON Lines, many in a block. */
export async function* jsonLineBlocks(objects: () => AsyncGenerator<object>): AsyncGenerator<Buffer> {
  let block = '';
  for await (const each of objects()) {
    block += `${JSON.stringify(each)}\n`;
    if (block.length < blockLength) continue;
    yield Buffer.from(block);
    block = '';
  }
  yield Buffer.from(block);
}
