/**
 * The settings of connections to other systems: Microsoft 365, or a file of people. Part of `config.ts`, in a
 * file of its own because there are many; the table in docs/OPERATIONS.md is its prose.
 */
import { resolve } from 'node:path';
import { isUuid } from './domain/ids.ts';
import type { EntraSettings, Readers } from './sign-in-config.ts';

export const graphSources = ['directory', 'calendar', 'presence'] as const;
export type GraphSource = (typeof graphSources)[number];

export interface GraphSettings {
  readonly sources: readonly GraphSource[];
  readonly url: string;
  readonly authority: string;
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Mailboxes are read in their owners' names, not in the application's. */
  readonly isDelegated: boolean;
}

export const connectionVariables = [
  'JELLYBEAN_DIRECTORY_FILE',
  'JELLYBEAN_GRAPH_SOURCES',
  'JELLYBEAN_GRAPH_MAILBOXES',
  'JELLYBEAN_GRAPH_URL',
  'JELLYBEAN_GRAPH_AUTHORITY',
  'JELLYBEAN_GRAPH_TENANT',
  'JELLYBEAN_GRAPH_CLIENT_ID',
  'JELLYBEAN_GRAPH_CLIENT_SECRET',
] as const;

/** What is read from Microsoft 365; null where nothing is. Where sign-in is with Entra, its ids serve here too. */
export function readGraph({ env, mistake }: Readers, entra: EntraSettings | null): GraphSettings | null {
  const names = (env.JELLYBEAN_GRAPH_SOURCES ?? '').split(/[\s,]+/).filter(Boolean);
  if (names.length === 0) {
    for (const name of connectionVariables)
      if (name.startsWith('JELLYBEAN_GRAPH_') && env[name] !== undefined)
        mistake(`${name} is set, but JELLYBEAN_GRAPH_SOURCES names nothing to read, so it would be ignored.`);
    return null;
  }
  for (const name of names)
    if (!(graphSources as readonly string[]).includes(name))
      mistake(`JELLYBEAN_GRAPH_SOURCES holds "${name}"; it takes ${graphSources.join(', ')}.`);
  if (env.JELLYBEAN_DIRECTORY_FILE !== undefined && names.includes('directory'))
    mistake(
      'JELLYBEAN_DIRECTORY_FILE and "directory" in JELLYBEAN_GRAPH_SOURCES are two directories; choose one.',
    );

  const id = (name: string, fallback: string | undefined, what: string): string => {
    const value = env[name] ?? fallback ?? '';
    if (value === '') mistake(`${name} is missing; it takes ${what}.`);
    else if (!isUuid(value))
      mistake(`${name} is "${value}", which is not an id of Entra such as 8b0c7e4e-….`);
    return value.toLowerCase();
  };
  const origin = (name: string, fallback: string): string => {
    const text = (env[name] ?? fallback).replace(/\/+$/, '');
    const url = URL.parse(text);
    if (url === null || url.protocol !== 'https:' || url.origin !== text)
      mistake(`${name} is "${text}"; it takes an address such as ${fallback}.`);
    return text;
  };
  const clientSecret = env.JELLYBEAN_GRAPH_CLIENT_SECRET ?? entra?.clientSecret ?? '';
  if (clientSecret === '')
    mistake('JELLYBEAN_GRAPH_CLIENT_SECRET is missing; it takes a secret of that application.');
  const tenant = id('JELLYBEAN_GRAPH_TENANT', entra?.tenants[0], 'the id of your tenant');
  const clientId = id(
    'JELLYBEAN_GRAPH_CLIENT_ID',
    entra?.audience,
    'the application (client) id that reads Graph',
  );
  const mailboxes = env.JELLYBEAN_GRAPH_MAILBOXES ?? 'application';
  if (mailboxes !== 'application' && mailboxes !== 'delegated')
    mistake(`JELLYBEAN_GRAPH_MAILBOXES is "${mailboxes}"; it takes application or delegated.`);
  const isDelegated = mailboxes === 'delegated';
  if (env.JELLYBEAN_GRAPH_MAILBOXES !== undefined && !names.includes('calendar'))
    mistake(
      'JELLYBEAN_GRAPH_MAILBOXES is set, but JELLYBEAN_GRAPH_SOURCES does not name calendar, so it would be ignored.',
    );
  // Only the application that a token was issued for can exchange it.
  if (isDelegated && (entra === null || clientId !== entra.audience || tenant !== entra.tenants[0]))
    mistake(
      'JELLYBEAN_GRAPH_MAILBOXES is delegated; that takes sign-in with Entra, with the same application and tenant that read Graph.',
    );
  return {
    sources: graphSources.filter((source) => names.includes(source)),
    url: origin('JELLYBEAN_GRAPH_URL', 'https://graph.microsoft.com'),
    authority: origin('JELLYBEAN_GRAPH_AUTHORITY', entra?.authority ?? 'https://login.microsoftonline.com'),
    tenant,
    clientId,
    clientSecret,
    isDelegated,
  };
}

export const readDirectoryFile = ({ env }: Pick<Readers, 'env'>): string | null =>
  env.JELLYBEAN_DIRECTORY_FILE === undefined ? null : resolve(env.JELLYBEAN_DIRECTORY_FILE);
