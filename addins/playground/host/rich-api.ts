/**
 * The host's end of office.js' request batches, by which Word and Excel are asked for everything: paths to
 * objects, and actions on them. Walks a plain object model and knows no application. Names arrive as the
 * library sends them (`GetComments`) and are found in the model as JavaScript writes them (`getComments`).
 */

/** A thing of the model: values, other things, lists of things, and methods that answer one of these. */
export interface RichObject {
  readonly [name: string]: unknown;
}

/** A collection. `key` names the property by which an item is found; by default its place. */
export class RichList {
  readonly items: readonly RichObject[];
  readonly key: string | null;
  readonly more: RichObject;
  constructor(items: readonly RichObject[], key: string | null = null, more: RichObject = {}) {
    this.items = items;
    this.key = key;
    this.more = more;
  }
}

/** A value that is an object itself, sent as it is: `{ address: 'mailto:…' }` of a cell's link. */
export class RichValue {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** What an object of the model is refused with; the code is Office's own. */
export class RichFailure extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface PathInfo {
  readonly Id: number;
  readonly ObjectPathType: number;
  readonly Name: string;
  readonly ParentObjectPathId?: number;
  readonly ArgumentInfo?: ArgumentInfo;
}
interface ArgumentInfo {
  readonly Arguments?: readonly unknown[];
  readonly ReferencedObjectPathIds?: readonly (number | readonly number[])[];
}
interface ActionInfo {
  readonly Id: number;
  readonly ActionType: number;
  readonly Name: string;
  readonly ObjectPathId: number;
  readonly ArgumentInfo?: ArgumentInfo;
  readonly QueryInfo?: Query;
}
interface Query {
  readonly Select?: readonly string[];
  readonly Expand?: readonly string[];
  readonly Top?: number;
  readonly Skip?: number;
}
export interface RichBatch {
  readonly Actions: readonly ActionInfo[];
  readonly ObjectPaths: Readonly<Record<string, PathInfo>>;
}

const pathType = { root: 1, made: 2, method: 3, property: 4, indexer: 5, reference: 6 } as const;
const actionType = { instantiate: 1, query: 2, method: 3, set: 4, trace: 5 } as const;

/** Reads the batch out of an `executeMethod` call; null where the call is something else. */
export function batchOf(data: unknown): RichBatch | null {
  const call = data as { DdaMethod?: { DispatchId?: number }; ArrayData?: unknown[] } | null;
  if (call?.DdaMethod?.DispatchId !== executeRichApiRequest) return null;
  const body = call.ArrayData?.[4];
  return typeof body === 'string' ? (JSON.parse(body) as RichBatch) : null;
}
const executeRichApiRequest = 93;
/** Several times what the largest document needs at once. */
const mostHeld = 50_000;

/** Names a batch by what it asks for, for the log and for making it fail: `body.getComments`. */
export function nameOfBatch({ Actions, ObjectPaths }: RichBatch): string {
  const nameOfPath = (id: number): string[] => {
    const path = ObjectPaths[id];
    if (path === undefined || path.Name === '' || path.ObjectPathType === pathType.reference) return [];
    return [...nameOfPath(path.ParentObjectPathId ?? -1), asWritten(path.Name)];
  };
  const names = Actions.flatMap(({ ActionType, ObjectPathId, Name }) => {
    if (ActionType === actionType.query) return nameOfPath(ObjectPathId).join('.');
    if (ActionType === actionType.method || ActionType === actionType.set)
      return [...nameOfPath(ObjectPathId), asWritten(Name)].join('.');
    return [];
  }).filter((name) => name !== '' && !/(^|\.)_/.test(name));
  return names[0] ?? 'batch';
}

/** The objects of one model that add-ins hold on to between batches. */
export interface RichHost {
  execute(batch: RichBatch): unknown;
}

/** Makes the engine over a model; `root` is asked at every batch, so that it may change. */
export function createRichHost(root: () => RichObject): RichHost {
  const held = new Map<string, RichObject | RichList>();
  const ids = new WeakMap<object, string>();
  let references = 0;

  function referenceTo(thing: RichObject | RichList): string {
    const known = ids.get(thing);
    if (known !== undefined) return known;
    references += 1;
    const id = `object-${references}`;
    ids.set(thing, id);
    held.set(id, thing);
    // Add-ins rarely give back what they were handed: the oldest goes.
    const [oldest] = held.size > mostHeld ? held.keys() : [];
    if (oldest !== undefined) forget(oldest);
    return id;
  }

  function forget(id: string): void {
    const thing = held.get(id);
    if (thing !== undefined) ids.delete(thing);
    held.delete(id);
  }

  function runBatch({ Actions, ObjectPaths }: RichBatch): unknown[] {
    const found = new Map<number, RichObject | RichList | null>();

    function thingAt(id: number): RichObject | RichList | null {
      const known = found.get(id);
      if (known !== undefined) return known;
      const path = ObjectPaths[id];
      if (path === undefined) throw new RichFailure('InvalidObjectPath', `There is no path ${id}.`);
      const thing = follow(path);
      found.set(id, thing);
      return thing;
    }

    function follow(path: PathInfo): RichObject | RichList | null {
      if (path.ObjectPathType === pathType.root) return root();
      // Services beside the document: one is told that the library is ready, and wants no answer.
      if (path.ObjectPathType === pathType.made)
        return (root()[path.Name] as RichObject | undefined) ?? { notifyActionHandlerReady: () => null };
      if (path.ObjectPathType === pathType.reference) {
        const thing = held.get(path.Name);
        if (thing === undefined) throw new RichFailure('ItemNotFound', `Nothing is held as ${path.Name}.`);
        return thing;
      }
      const parent = thingAt(path.ParentObjectPathId ?? -1);
      if (parent === null) return null;
      const given = argumentsOf(path.ArgumentInfo);
      if (path.ObjectPathType === pathType.indexer) return itemOf(parent, given[0]);
      if (path.ObjectPathType === pathType.method) {
        if (parent instanceof RichList && path.Name === 'GetItemAt')
          return parent.items[Number(given[0])] ?? null;
        return asThing(callOn(parent, path.Name, given), path.Name);
      }
      return asThing(propertyOf(parent, path.Name), path.Name);
    }

    function argumentsOf(info: ArgumentInfo | undefined): unknown[] {
      return (info?.Arguments ?? []).map((value, index) => {
        const id = info?.ReferencedObjectPathIds?.[index];
        return typeof id === 'number' && id > 0 ? thingAt(id) : value;
      });
    }

    function act(action: ActionInfo): unknown {
      if (action.ActionType === actionType.trace) return null;
      const thing = thingAt(action.ObjectPathId);
      if (thing === null) return null;
      if (action.ActionType === actionType.instantiate) {
        return thing === root() ? {} : { _ReferenceId: referenceTo(thing) };
      }
      if (action.ActionType === actionType.query) return load(thing, action.QueryInfo ?? {});
      const given = argumentsOf(action.ArgumentInfo);
      if (action.ActionType === actionType.method) {
        if (action.Name === '_RemoveReference') forget(String(given[0]));
        // What the library does for itself: keeping objects, asking for events, which are always raised.
        if (action.Name.startsWith('_') && typeof asOwn(thing)[action.Name] !== 'function') return null;
        const answer = callOn(thing, action.Name, given);
        return isThing(answer) ? null : answer;
      }
      if (action.ActionType === actionType.set) {
        const set = asOwn(thing)[`set${action.Name}`];
        if (typeof set !== 'function') throw new RichFailure('AccessDenied', `${action.Name} cannot be set.`);
        set(given[0]);
        return null;
      }
      throw new RichFailure('NotImplemented', `Action ${action.ActionType} is not played.`);
    }

    function load(thing: RichObject | RichList, query: Query): unknown {
      const paths = [...(query.Select ?? []), ...(query.Expand ?? [])].map((path) =>
        path.split('/').filter((part) => part !== ''),
      );
      return shape(thing, paths, query);
    }

    function shape(thing: RichObject | RichList, paths: readonly string[][], query: Query = {}): unknown {
      if (thing instanceof RichList) {
        const from = query.Skip ?? 0;
        const items = thing.items.slice(from, query.Top === undefined ? undefined : from + query.Top);
        const below = paths.map((path) => (path[0]?.toLowerCase() === 'items' ? path.slice(1) : path));
        return {
          _ReferenceId: referenceTo(thing),
          _Items: items.map((item) => shape(item, below)),
        };
      }
      const value: Record<string, unknown> = { _ReferenceId: referenceTo(thing) };
      const wanted = paths.filter((path) => path.length > 0 && path[0] !== '$all');
      if (wanted.length === 0) {
        for (const [name, part] of Object.entries(thing)) {
          if (!isThing(part) && typeof part !== 'function') value[asSent(name)] = toWire(part);
        }
        return value;
      }
      const byName = Map.groupBy(wanted, ([first]) => asWritten(first as string));
      for (const [name, below] of byName) {
        const part = propertyOf(thing, name);
        const rest = below.map((path) => path.slice(1));
        value[asSent(name)] = isThing(part) ? shape(part, rest) : toWire(part);
      }
      return value;
    }

    return Actions.map((action) => ({ ActionId: action.Id, Value: act(action) }));
  }

  return {
    execute(batch) {
      try {
        return answerWith({ Results: runBatch(batch) });
      } catch (error) {
        const code = error instanceof RichFailure ? error.code : 'GeneralException';
        return refuseBatch(code, (error as Error).message);
      }
    },
  };
}

/** The answer of an application that does not do what it was asked. */
export function refuseBatch(code: string, message: string): unknown {
  return answerWith({ Error: { Code: code, Message: message, Location: '' } });
}

function answerWith(body: unknown): unknown {
  return { Error: 0, Version: 1, Data: [200, null, JSON.stringify(body)] };
}

// ---- names and values ----

const asWritten = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
const asSent = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
const toWire = (value: unknown): unknown => {
  if (value instanceof RichValue) return value.value;
  return value instanceof Date ? value.toISOString() : value;
};
const asOwn = (thing: RichObject | RichList): RichObject => (thing instanceof RichList ? thing.more : thing);

function isThing(value: unknown): value is RichObject | RichList {
  return (
    value instanceof RichList ||
    (typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      !(value instanceof Date || value instanceof RichValue))
  );
}

function asThing(value: unknown, name: string): RichObject | RichList | null {
  if (value === null || isThing(value)) return value;
  throw new RichFailure('ApiNotFound', `${name} is no object of the played application.`);
}

function propertyOf(thing: RichObject | RichList, name: string): unknown {
  const value = asOwn(thing)[asWritten(name)];
  if (value === undefined || typeof value === 'function')
    throw new RichFailure('ApiNotFound', `The played application has no ${name}.`);
  return value;
}

function callOn(thing: RichObject | RichList, name: string, given: readonly unknown[]): unknown {
  const method = asOwn(thing)[asWritten(name)];
  if (typeof method === 'function') return method(...given);
  if (thing instanceof RichList) {
    if (/^GetFirst/.test(name)) return thing.items[0] ?? null;
    if (name === 'GetCount') return thing.items.length;
    if (/^GetItem/.test(name)) return itemOf(thing, given[0], /OrNullObject$/.test(name));
  }
  throw new RichFailure('ApiNotFound', `The played application has no ${name}.`);
}

function itemOf(thing: RichObject | RichList, key: unknown, mayMiss = false): RichObject | null {
  const list = thing instanceof RichList ? thing : null;
  const item =
    list?.key == null ? list?.items[Number(key)] : list.items.find((one) => one[list.key as string] === key);
  if (item === undefined && !mayMiss)
    throw new RichFailure('ItemNotFound', `There is no item ${String(key)}.`);
  return item ?? null;
}
