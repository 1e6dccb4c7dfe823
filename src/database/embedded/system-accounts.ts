import { runProgram } from './program.js';
import type { Accounts, ServerUser } from './server-user.js';

const run = (path: string, args: readonly string[]) => runProgram(path, args, { user: null, cwd: '/' });

/** Every distribution has `useradd`; Debian's `adduser` may exist without it. */
const creators: readonly { readonly program: string; readonly args: readonly string[] }[] = [
  {
    program: 'useradd',
    args: [
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/usr/sbin/nologin',
    ],
  },
  { program: 'adduser', args: ['--system', '--group', '--no-create-home', '--quiet'] },
];

/** This machine's accounts, through the programs `id`, `useradd` and `adduser`. */
export const systemAccounts: Accounts = {
  async find(name) {
    const [user, group] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    if (user.exitCode !== 0 || group.exitCode !== 0) return null;
    return { name, uid: Number(user.output), gid: Number(group.output) } satisfies ServerUser;
  },
  async create(name) {
    for (const { program, args } of creators) {
      // The exit code is not enough: another start may have created the account a moment ago.
      await run(program, [...args, name]);
      const found = await systemAccounts.find(name);
      if (found !== null) return found;
    }
    return null;
  },
};
