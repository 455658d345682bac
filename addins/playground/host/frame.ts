/**
 * Runs one add-in page in an iframe as Office on the web does, so that the real office.js inside believes it:
 * the frame's name, the activation handshake, calls, events, focus. Knows no application; that is the model's.
 */
import {
  actionType,
  type Envelope,
  formatAnswer,
  formatEvent,
  messageType,
  notice,
  parseEnvelope,
  resultCode,
} from './envelope.ts';
import type { Conditions, HostModel } from './model.ts';

/** One call as the host saw it, for the playground's log and for tests. */
export interface LoggedCall {
  readonly name: string;
  readonly at: number;
  readonly outcome: 'answered' | 'refused' | 'silent';
}

export interface AddInFrame {
  readonly element: HTMLIFrameElement;
  readonly calls: readonly LoggedCall[];
  /** Events that the add-in has registered for at this moment. */
  readonly registrations: ReadonlyMap<string, unknown>;
  /** Puts the keyboard into the add-in, as Tab from the host's own controls does. */
  focusIn(): void;
  /** Runs a function command (`ExecuteFunction` in the manifest) and waits for its `event.completed()`. */
  runCommand(functionName: string, controlId: string): Promise<unknown>;
  close(): void;
}

export interface AddInFrameOptions {
  readonly model: HostModel;
  readonly conditions: Conditions;
  /** The page of the add-in. office.js on the web answers only to a host of the same hostname, over https. */
  readonly url: string;
  readonly title: string;
  readonly locale: string;
  /** Where the iframe goes. It must be named before it is inserted: office.js reads the name once. */
  readonly container: Element;
  /** The keyboard wants to leave the add-in. */
  readonly onFocusOut?: (how: 'forwards' | 'backwards' | 'escape') => void;
  readonly onCall?: (call: LoggedCall) => void;
}

/** Every frame is a conversation of its own, so that two add-ins in one page never hear each other. */
let frames = 0;
/** Dispatch id with which office.js reports that a function command has completed. */
const commandCompleted = 94;
const appCommandInvoked = 'appCommandInvoked';

/** Opens the add-in. */
export function openAddIn(options: AddInFrameOptions): AddInFrame {
  const { model, conditions } = options;
  frames += 1;
  const conversationId = `conversation-${frames}-${Date.now()}`;
  const controlId = `control-${frames}`;
  const registrations = new Map<string, Envelope>();
  const calls: LoggedCall[] = [];
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const commands = new Map<string, (completed: unknown) => void>();
  let closed = false;

  const element = document.createElement('iframe');
  element.title = options.title;
  element.name = JSON.stringify({
    baseFrameName: controlId,
    hostInfo: `${model.application.name}|Web|${model.application.fileVersion}|${options.locale}|${conversationId}|||${model.application.flags ?? 0}`,
    xdmInfo: `${conversationId}|${controlId}|${location.origin}`,
    serializerVersion: '1',
    flights: '[]',
  });
  element.src = options.url;

  const post = (text: string): void => {
    if (!closed) element.contentWindow?.postMessage(text, new URL(options.url, location.href).origin);
  };

  const log = (name: string, outcome: LoggedCall['outcome']): void => {
    const call = { name, at: performance.now(), outcome };
    calls.push(call);
    options.onCall?.(call);
  };

  function after(work: () => void): void {
    if (conditions.delayMs === 0) {
      work();
      return;
    }
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, conditions.delayMs);
    timers.add(timer);
  }

  function appContext(): Record<string, unknown> {
    const sets = Object.entries(model.requirementSets()).filter(([name]) => !conditions.missing.has(name));
    return {
      _id: controlId,
      _appName: model.application.number,
      _appVersion: 16,
      _appUILocale: options.locale,
      _dataLocale: options.locale,
      _docUrl: location.href,
      _clientMode: 1,
      _reason: 0,
      _osfControlType: 1,
      _eToken: '',
      _correlationId: conversationId,
      _appInstanceId: controlId,
      _appMinorVersion: 1,
      _hostFullVersion: '16.0.0.0',
      _clientWindowHeight: innerHeight,
      _clientWindowWidth: innerWidth,
      _addinName: options.title,
      _appDomains: [],
      _requirementMatrix: JSON.stringify(Object.fromEntries(sets)),
      ...model.appContext(),
    };
  }

  function call(request: Envelope): void {
    const action = request._actionName;
    const name = model.nameOf(action, request._data);
    if (conditions.silent.has(name)) {
      log(name, 'silent');
      return;
    }
    const refused = conditions.failing.has(name) || conditions.failing.has('*');
    log(name, refused ? 'refused' : 'answered');
    after(() => {
      try {
        const data = refused ? model.refusal(action) : model.answer(action, request._data);
        post(formatAnswer(request, resultCode.ok, data));
      } catch {
        post(formatAnswer(request, resultCode.failed, null));
      }
    });
  }

  /** Answers the calls that every application shares; false when the model must. */
  function callOfEveryHost(request: Envelope): boolean {
    if (request._actionName === 'ContextActivationManager_getAppContextAsync') {
      // A reload of the pane starts again with an empty slate, as in Office.
      registrations.clear();
      after(() => post(formatAnswer(request, resultCode.ok, appContext())));
      return true;
    }
    if (request._actionName === 'ContextActivationManager_notifyHost') {
      const kind = Array.isArray(request._data) ? request._data[1] : undefined;
      if (kind === notice.tabOut || kind === notice.nothingFocusable) options.onFocusOut?.('forwards');
      if (kind === notice.tabOutBackwards) options.onFocusOut?.('backwards');
      if (kind === notice.escape) options.onFocusOut?.('escape');
      return true;
    }
    const completed = completedCommand(request);
    if (completed === null) return false;
    commands.get(completed.id)?.(completed.result);
    commands.delete(completed.id);
    post(formatAnswer(request, resultCode.ok, { Error: 0, Version: 1 }));
    return true;
  }

  function receive(message: MessageEvent): void {
    if (closed || message.source !== element.contentWindow) return;
    const request = parseEnvelope(message.data);
    if (request?._messageType !== messageType.request || request._conversationId !== conversationId) return;
    if (request._actionType === actionType.register) {
      registrations.set(request._actionName, request);
      post(formatAnswer(request, resultCode.ok, { Error: 0 }));
      model.registered?.(request._actionName);
    } else if (request._actionType === actionType.unregister) {
      registrations.delete(request._actionName);
      post(formatAnswer(request, resultCode.ok, { Error: 0 }));
    } else if (!callOfEveryHost(request)) call(request);
  }

  function emit(event: string, data: unknown): void {
    const registration = registrations.get(event);
    if (registration !== undefined) post(formatEvent(registration, data));
  }

  addEventListener('message', receive);
  const disconnect = model.connect(emit);
  options.container.append(element);

  return {
    element,
    calls,
    registrations,
    focusIn() {
      element.focus();
      const tabIn = {
        _messageType: messageType.request,
        _actionType: actionType.invoke,
        _actionName: 'Office_notifyAgave',
        // office.js listens for its host under the conversation's id with this suffix.
        _conversationId: `${conversationId}_ntf`,
        _correlationId: 0,
        _origin: location.origin,
        _data: [notice.tabIn],
        _serializerVersion: 1,
      };
      post(JSON.stringify(tabIn));
    },
    runCommand(functionName, source) {
      const id = `command-${frames}-${commands.size}-${Date.now()}`;
      const done = new Promise((resolve) => commands.set(id, resolve));
      emit(appCommandInvoked, [id, functionName, JSON.stringify({ source: { id: source } })]);
      return done;
    },
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      removeEventListener('message', receive);
      disconnect();
      element.remove();
    },
  };
}

/** Recognises `event.completed()` of a function command in an `executeMethod` call. */
function completedCommand(request: Envelope): { id: string; result: unknown } | null {
  if (request._actionName !== 'executeMethod') return null;
  const data = request._data as { DdaMethod?: { DispatchId?: number }; [key: number]: unknown } | undefined;
  if (data?.DdaMethod?.DispatchId !== commandCompleted) return null;
  const parameters = (data as { ArrayData?: unknown[] }).ArrayData ?? [data[0], data[1], data[2]];
  return { id: String(parameters[0]), result: parameters[2] };
}
