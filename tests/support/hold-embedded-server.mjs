// Starts an embedded server on the home folder given as argument, as an API process would, and keeps it until SIGTERM.
// Sends the outcome to its parent: { url, origin, processId } or { code, message }.
import { startEmbeddedServer } from '../../dist/src/database/embedded/server.js';

const [home, servedAt] = process.argv.slice(2);
try {
  const server = await startEmbeddedServer({
    home,
    durable: false,
    log: () => undefined,
    onLost: () => process.exit(1),
  });
  if (servedAt !== undefined) await server.announce(servedAt);
  process.once('SIGTERM', async () => {
    await server.stop();
    process.exit(0);
  });
  process.send({ url: server.url, origin: server.origin, processId: server.processId });
} catch (error) {
  process.send({ code: error.code, message: error.message }, () => process.exit(1));
}
