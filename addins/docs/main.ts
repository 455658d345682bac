/**
 * `/api/docs`: the OpenAPI document of this server, readable. Everything on the page comes from the document,
 * which the server makes from the rows that serve the routes, so the page cannot know less or more.
 */
import { html, nothing, render, type TemplateResult } from 'lit';
import { installTheme } from '../shared/ui/theme.ts';
import { commentOn, type Schema, schemaText } from './schema-text.ts';

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
  readonly description?: string;
}

interface Operation {
  readonly summary: string;
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { name: string; in: string; required: boolean; schema: Schema }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
  readonly 'x-access'?: 'anonymous' | 'person' | 'any' | 'admin';
}

interface OpenApi {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly 'x-problem-codes': Readonly<Record<string, { readonly status: number; readonly title: string }>>;
}

const callers = {
  anonymous: 'Anybody, signed in or not.',
  person: 'A signed-in person.',
  any: 'A signed-in person or application.',
  admin: 'An administrator.',
};

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** Operations by their first tag, both in the order of the document. */
function groupsOf({ paths }: OpenApi): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? 'other';
      groups.set(tag, [...(groups.get(tag) ?? []), { method: method.toUpperCase(), path, operation }]);
    }
  }
  return groups;
}

/** `event-types` → `Event types`. */
const titleOf = (tag: string) => tag.charAt(0).toUpperCase() + tag.slice(1).replaceAll('-', ' ');

const schemaOf = (content: Content | undefined) => Object.entries(content?.content ?? {})[0];

function shape(title: string, content: Content | undefined): TemplateResult | typeof nothing {
  const [mediaType, { schema } = {}] = schemaOf(content) ?? [];
  if (mediaType === undefined || schema === undefined) return nothing;
  const note = mediaType === 'application/json' ? '' : ` (${mediaType})`;
  return html`<h3>${title}${note}</h3><pre tabindex="0">${schemaText(schema)}</pre>`;
}

function parametersOf({ parameters = [] }: Operation): TemplateResult | typeof nothing {
  if (parameters.length === 0) return nothing;
  return html`<h3>Parameters</h3>
    <table>
      <tbody>
        ${parameters.map(
          ({ name, in: place, required, schema }) => html`<tr>
            <td><code>${name}</code></td>
            <td>${place}${required ? ', required' : ''}</td>
            <td><code>${schemaText(schema)}</code> ${commentOn(schema)}</td>
          </tr>`,
        )}
      </tbody>
    </table>`;
}

/** A line to paste into a shell; `$TOKEN` comes from `POST /demo/token` or from the sign-in of the organisation. */
function sample({ method, path, operation }: Entry): string {
  const parts = [`curl ${method === 'GET' ? '' : `-X ${method} `}"${location.origin}${path}"`];
  if (operation['x-access'] !== 'anonymous') parts.push('-H "Authorization: Bearer $TOKEN"');
  if (operation.requestBody) parts.push("-H 'Content-Type: application/json' -d '{}'");
  return parts.join(' \\\n  ');
}

/** What stands in backticks is code. */
const marked = (text: string) =>
  text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));

function operationView(entry: Entry): TemplateResult {
  const { method, path, operation } = entry;
  const answers = Object.entries(operation.responses);
  return html`<details id=${operation.operationId}>
    <summary>
      <span class="method">${method}</span><code>${path}</code>
      <span class="summary">${marked(operation.summary)}</span>
    </summary>
    <div class="body">
      <p>${callers[operation['x-access'] ?? 'any']}</p>
      ${parametersOf(operation)} ${shape('Body', operation.requestBody)}
      ${answers.map(([status, answer]) =>
        status === 'default'
          ? html`<h3>Otherwise</h3><p>${answer.description}</p>`
          : schemaOf(answer)
            ? shape(status, answer)
            : html`<h3>${status}</h3><p>${answer.description}</p>`,
      )}
      <h3>Try it</h3>
      <pre tabindex="0">${sample(entry)}</pre>
    </div>
  </details>`;
}

function page(document: OpenApi): TemplateResult {
  const groups = [...groupsOf(document)];
  const events = Object.entries(document.components.schemas).filter(([name]) => name.startsWith('event.'));
  const problems = Object.entries(document['x-problem-codes']);
  return html`<div class="layout">
    <nav aria-label="Sections">
      <ul>
        ${[...groups.map(([tag]) => tag), 'event-types', 'problem-codes'].map(
          (tag) => html`<li><a href="#${tag}">${titleOf(tag)}</a></li>`,
        )}
      </ul>
    </nav>
    <main>
      <h1>${document.info.title} API</h1>
      <p>${marked(document.info.description)}</p>
      <p>
        Version ${document.info.version}. JSON in UTF-8, times in ISO 8601, ids are opaque. Send
        <code>Authorization: Bearer …</code>; in demo mode <code>POST /api/v1/demo/token</code> gives one. The
        document behind this page: <a href="/api/v1/openapi.json">openapi.json</a>.
      </p>
      ${groups.map(
        ([tag, entries]) => html`<section aria-labelledby=${tag}>
          <h2 id=${tag}>${titleOf(tag)}</h2>
          ${entries.map(operationView)}
        </section>`,
      )}
      <section aria-labelledby="event-types">
        <h2 id="event-types">Types of events</h2>
        <p>What <code>data</code> holds on the event stream, by the name in <code>event</code>.</p>
        ${events.map(
          ([name, schema]) => html`<details id=${name}>
            <summary><span class="method">event</span><code>${name.replace('event.', '')}</code></summary>
            <div class="body"><pre tabindex="0">${schemaText(schema)}</pre></div>
          </details>`,
        )}
      </section>
      <section aria-labelledby="problem-codes">
        <h2 id="problem-codes">Problem codes</h2>
        <p>Every error is an RFC 9457 problem. The code is stable; the sentence is for people.</p>
        <table>
          <thead>
            <tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Means</th></tr>
          </thead>
          <tbody>
            ${problems.map(
              ([code, { status, title }]) => html`<tr>
                <td><code>${code}</code></td>
                <td>${status}</td>
                <td>${title}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </section>
    </main>
  </div>`;
}

/** A link to an operation opens it: the page is rendered after the browser has looked for the fragment. */
function openLinked(): void {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
  target?.scrollIntoView();
}

installTheme();
try {
  const response = await fetch('/api/v1/openapi.json');
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  render(page((await response.json()) as OpenApi), document.body);
  openLinked();
  addEventListener('hashchange', openLinked);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  render(
    html`<main><h1>Jellybean API</h1><p>The document at <a href="/api/v1/openapi.json">/api/v1/openapi.json</a> could not be read: ${reason}</p></main>`,
    document.body,
  );
}
