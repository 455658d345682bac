/** Opens the bus that a configuration names. */
import { randomBytes } from 'node:crypto';
import type { Bus } from '../../ports/bus.ts';
import { createInProcessBus } from './in-process.ts';
import type { NatsSettings } from './nats-settings.ts';

/** `organisation` keeps organisations that share a NATS apart. A bus that is away does not stop a start. */
export async function openBus(
  settings: NatsSettings,
  organisation: string,
  onError: (error: unknown) => void,
): Promise<Bus> {
  if (settings.url === 'memory:') return createInProcessBus(onError);
  // Loaded only where it is used: a single node has no need of a driver.
  const { openNatsBus } = await import('./nats.ts');
  return openNatsBus({
    settings,
    organisation,
    nodeId: randomBytes(9).toString('base64url'),
    onError,
  });
}
