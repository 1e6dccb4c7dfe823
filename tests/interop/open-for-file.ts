import { afterAll } from 'vitest';
import { openPython } from './python-process.js';
import { openWorkshop } from './workshop.js';

/** Opens a workshop and Python for the tests of the file that calls this; both end after the last of them. */
export async function openForFile() {
  const workshop = await openWorkshop();
  const python = openPython();
  afterAll(async () => {
    await python[Symbol.asyncDispose]();
    await workshop[Symbol.asyncDispose]();
  });
  return { workshop, python };
}
