import { expect, test } from 'vitest';
import { type Accounts, chooseServerUser, type ServerUser } from '../../../src/database/embedded/server-user.js';

const account = (name: string, uid: number): ServerUser => ({ name, uid, gid: uid });

function machine(
  existing: readonly ServerUser[],
  creatable: ServerUser | null,
): { accounts: Accounts; created: string[] } {
  const created: string[] = [];
  return {
    created,
    accounts: {
      find: async (name) => existing.find((user) => user.name === name) ?? null,
      create: async (name) => {
        created.push(name);
        return creatable;
      },
    },
  };
}

const choose = async (
  { accounts }: { readonly accounts: Accounts },
  owner: { readonly uid: number; readonly gid: number } | null = null,
) => {
  const said: string[] = [];
  const user = await chooseServerUser(accounts, owner, (message) => said.push(message));
  return { user, said };
};

test('whoever owns the data goes on with it', async () => {
  const postgres = machine([account('postgres', 101)], null);
  expect((await choose(postgres, { uid: 990, gid: 991 })).user).toMatchObject({ uid: 990, gid: 991 });
  // Data of root's were put there by someone else: PostgreSQL would refuse them.
  expect((await choose(postgres, { uid: 0, gid: 0 })).user.name).toBe('postgres');
});

test('the user postgres comes first, one of our own second, nobody last, and the log says which', async () => {
  const both = await choose(machine([account('attune', 990), account('postgres', 101)], null));
  expect(both).toMatchObject({ user: { uid: 101 }, said: [expect.stringContaining('as user postgres')] });

  const own = await choose(machine([account('attune', 990)], null));
  expect(own).toMatchObject({ user: { uid: 990 }, said: [expect.stringContaining('as user attune')] });

  const fresh = machine([], account('attune', 990));
  expect(await choose(fresh)).toMatchObject({ user: { uid: 990 }, said: [expect.stringContaining('created')] });
  expect(fresh.created).toEqual(['attune']);

  expect((await choose(machine([account('nobody', 99)], null))).user).toEqual(account('nobody', 99));
  expect(await choose(machine([], null))).toMatchObject({
    user: { uid: 65_534 },
    said: [expect.stringContaining('as user nobody')],
  });
});
