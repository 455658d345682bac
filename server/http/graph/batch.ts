/**
 * `$batch`: up to twenty requests in one, each judged alone. Order is kept where an item depends on another;
 * the names of headers are spelled as Graph spells them, because they stand in JSON, where case counts.
 */
import { type GraphBatchItem, graphBatchMost, graphBatchSchema } from '../../protocol/graph.ts';
import { parse } from '../input.ts';
import { badRequest, type GraphAnswer, type ODataError } from './call.ts';

export interface BatchRequest {
  readonly method: string;
  /** Below the version: `/me/presence?$select=…`. */
  readonly url: string;
  readonly body: unknown;
}

/** Runs a batch. `run` answers one item, errors included. Throws BadRequest for a batch that makes no sense. */
export async function runBatch(
  body: unknown,
  run: (request: BatchRequest) => Promise<GraphAnswer>,
): Promise<GraphAnswer> {
  const { requests } = parse(graphBatchSchema, body, 'body');
  const byId = new Map<string, GraphBatchItem>();
  for (const item of requests) {
    const key = item.id.toLowerCase();
    if (byId.has(key)) throw badRequest(`The id '${item.id}' is used twice in the batch.`);
    byId.set(key, item);
  }
  const order = inOrder(requests, byId);
  const answers = new Map<string, GraphAnswer>();
  for (const item of order) {
    const failed = (item.dependsOn ?? []).some((id) => (answers.get(id.toLowerCase())?.status ?? 200) >= 400);
    answers.set(item.id.toLowerCase(), failed ? dependencyFailed : await answerOf(item, run));
  }
  return {
    status: 200,
    body: {
      responses: requests.map(({ id }) => itemAnswer(id, answers.get(id.toLowerCase()) as GraphAnswer)),
    },
  };
}

const dependencyFailed: GraphAnswer = {
  status: 424,
  body: { error: { code: 'FailedDependency', message: 'A request that this one depends on failed.' } },
};

/** Each item behind those it depends on, else as they came. */
function inOrder(
  items: readonly GraphBatchItem[],
  byId: ReadonlyMap<string, GraphBatchItem>,
): GraphBatchItem[] {
  const order: GraphBatchItem[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (item: GraphBatchItem) => {
    const key = item.id.toLowerCase();
    if (state.get(key) === 'done') return;
    if (state.get(key) === 'open')
      throw badRequest('The requests of the batch depend on each other in a circle.');
    state.set(key, 'open');
    for (const id of item.dependsOn ?? []) {
      const before = byId.get(id.toLowerCase());
      if (before === undefined)
        throw badRequest(`'${item.id}' depends on '${id}', which is not in the batch.`);
      visit(before);
    }
    state.set(key, 'done');
    order.push(item);
  };
  for (const item of items.slice(0, graphBatchMost)) visit(item);
  return order;
}

async function answerOf(
  item: GraphBatchItem,
  run: (request: BatchRequest) => Promise<GraphAnswer>,
): Promise<GraphAnswer> {
  const hasBody = item.body !== undefined && item.body !== null;
  const isJson = Object.entries(item.headers ?? {}).some(
    ([name, value]) => name.toLowerCase() === 'content-type' && /^application\/json\b/i.test(value),
  );
  if (hasBody && !isJson)
    return {
      status: 400,
      body: {
        error: {
          code: 'BadRequest',
          message: 'A request with a body needs the header Content-Type: application/json.',
        },
      },
    };
  // With or without a leading slash, with or without the version: clients send all four.
  const url = `/${item.url.replace(/^\//, '').replace(/^v1\.0\//, '')}`;
  if (/^\/\$batch\b/.test(url))
    return { status: 400, body: { error: { code: 'BadRequest', message: 'A batch holds no batch.' } } };
  return run({ method: item.method.toUpperCase(), url, body: hasBody ? item.body : undefined });
}

function itemAnswer(id: string, answer: GraphAnswer): Record<string, unknown> {
  const { bytes } = answer;
  const plain = answer.json === undefined ? answer.body : (JSON.parse(answer.json.toString()) as unknown);
  const body = bytes === undefined ? plain : bytes.content.toString('base64');
  return {
    id,
    status: answer.status,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': bytes?.mediaType ?? 'application/json' }),
      ...answer.headers,
    },
    ...(body === undefined ? {} : { body }),
  };
}

/** An error as the answer of one item. */
export const errorAnswer = (error: ODataError, body: unknown): GraphAnswer => ({
  status: error.status,
  body,
  ...(error.retryAfterSeconds === null
    ? {}
    : { headers: { 'Retry-After': String(error.retryAfterSeconds) } }),
});
