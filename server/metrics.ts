/** What `/metrics` shows. Labels are route patterns and codes, never ids. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** Creates one registry with every series of this node. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    requests: new Counter({
      name: 'jellybean_requests_total',
      help: 'API answers by route pattern and status',
      labelNames: ['method', 'route', 'status'] as const,
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'jellybean_request_seconds',
      help: 'Time from a request to its answer, hot routes and the rest',
      labelNames: ['kind'] as const,
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    streams: new Gauge({ name: 'jellybean_streams', help: 'Open event streams on this node', registers }),
    delivered: new Counter({
      name: 'jellybean_events_delivered_total',
      help: 'Events written to streams, durable and soft',
      registers,
    }),
    slowReaders: new Counter({
      name: 'jellybean_slow_readers_total',
      help: 'Streams closed because their reader fell behind',
      registers,
    }),
    busConnected: new Gauge({
      name: 'jellybean_bus_connected',
      help: '1 while notices of other nodes arrive, 0 while the bus is away',
      registers,
    }),
    graphCalls: new Counter({
      name: 'jellybean_graph_calls_total',
      help: 'Calls to Microsoft Graph by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
    commits: new Counter({ name: 'jellybean_commits_total', help: 'Durable group commits', registers }),
    committedEvents: new Counter({
      name: 'jellybean_events_committed_total',
      help: 'Durable events committed by this node',
      registers,
    }),
  };
}

/** Memory in bytes and CPU seconds spent so far, as the default series know them. */
export async function usageOf({
  registry,
}: Pick<Metrics, 'registry'>): Promise<{ memoryBytes: number; cpuSeconds: number }> {
  const latest = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value ?? 0;
  return {
    memoryBytes: await latest('process_resident_memory_bytes'),
    cpuSeconds: await latest('process_cpu_seconds_total'),
  };
}
