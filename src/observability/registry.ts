import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/**
 * The metrics of one process: those of Node (memory, event loop, garbage), its version and role, and what others add.
 */
export function openRegistry(role: 'api' | 'worker', version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'attune_build_info',
    help: 'Always 1; the labels say which version runs here, and as what.',
    labelNames: ['version', 'role'],
    registers: [registry],
  }).set({ version, role }, 1);
  return registry;
}
