import { describe, expect, it } from 'vitest';
import { createLru } from '../../../gpu-worker/short-jobs/lru.js';

interface Item {
  readonly name: string;
  bytes: number;
}

function createItems(maxBytes: number) {
  const created: string[] = [];
  const released: string[] = [];
  const lru = createLru<Item>({
    maxBytes,
    sizeOf: ({ bytes }) => bytes,
    release: async ({ name }) => {
      released.push(name);
    },
  });
  const use = (name: string, bytes = 10) =>
    lru.get(name, async () => {
      created.push(name);
      return { name, bytes };
    });
  return { lru, use, created, released };
}

describe('createLru', () => {
  it('creates once what stays, and evicts what was used longest ago', async () => {
    const { use, created, released } = createItems(25);
    await use('a');
    await use('b');
    await use('a');
    await use('c');
    expect(created).toEqual(['a', 'b', 'c']);
    expect(released).toEqual(['b']);
    await use('a');
    expect(created).toHaveLength(3);
  });

  it('never evicts the one in use, however large', async () => {
    const { use, released } = createItems(25);
    await use('a');
    expect(await use('huge', 1000)).toMatchObject({ name: 'huge' });
    expect(released).toEqual(['a']);
    await use('b');
    expect(released).toEqual(['a', 'huge']);
  });

  it('notices that a value has grown', async () => {
    const { use, released } = createItems(25);
    const a = await use('a');
    await use('b');
    a.bytes = 20;
    await use('b');
    expect(released).toEqual(['a']);
  });

  it('keeps nothing of a failed creation', async () => {
    const { lru, use, created } = createItems(25);
    await expect(lru.get('a', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    await use('a');
    expect(created).toEqual(['a']);
  });

  it('frees everything in the end', async () => {
    const { lru, use, released } = createItems(25);
    await use('a');
    await use('b');
    await lru.clear();
    expect(released).toEqual(['a', 'b']);
  });
});
