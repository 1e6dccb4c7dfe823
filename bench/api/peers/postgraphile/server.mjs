/**
 * PostGraphile over the tables as they are, with its defaults for production, on bare HTTP. Arguments: the database's
 * URL, and the folder that PostGraphile is installed in.
 */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [databaseUrl, folder] = process.argv.slice(2);
const { postgraphile } = createRequire(join(folder, 'package.json'))('postgraphile');

const middleware = postgraphile(
  // As many connections as an API process of Attune holds.
  { connectionString: databaseUrl, max: 10 },
  'public',
  { dynamicJson: true, graphiql: false, disableQueryLog: true, disableDefaultMutations: true },
);
const server = createServer(middleware);
server.listen(0, '127.0.0.1', () => console.log(`listening http://127.0.0.1:${server.address().port}/`));
