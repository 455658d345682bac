/**
 * Several mails that are selected at once: Outlook names them (Mailbox 1.13) and hands them over one at a time
 * (1.15), each to be given back before the next. Whoever selects anew is answered anew; what is still under
 * way for the selection before is dropped.
 */
import { ask, type OfficeApi, type OfficeItem, type OfficeMailbox, supports } from '../shared/office/host.ts';
import { type OpenItem, unitePeople } from '../shared/people-source.ts';

export interface SelectionOptions {
  readonly office: OfficeApi;
  /** Describes one mail that Outlook has handed over. */
  readonly describe: (item: OfficeItem) => Promise<OpenItem>;
  /** Several are selected: null until their people are known. One or none: `undefined`, the open item counts. */
  readonly onChange: (united: OpenItem | null | undefined) => void;
}

/** Begins to follow the selection, where the host tells of it. */
export function followSelection({ office, describe, onChange }: SelectionOptions): void {
  const { mailbox } = office.context;
  const event = office.EventType.SelectedItemsChanged;
  if (mailbox?.getSelectedItemsAsync === undefined || event === undefined || !supports(office, 'multiSelect'))
    return;
  let asking = 0;
  /** Only one mail can be handed over at a time, whoever asked for it. */
  let turn: Promise<unknown> = Promise.resolve();

  const look = async (): Promise<void> => {
    asking += 1;
    const mine = asking;
    const selected = await ask<readonly { readonly itemId: string }[]>({
      getAsync: (done) => mailbox.getSelectedItemsAsync?.(done),
    });
    if (mine !== asking) return;
    if (!selected.ok || selected.value.length < 2) {
      onChange(undefined);
      return;
    }
    onChange(null);
    const ids = selected.value.map(({ itemId }) => itemId);
    const canLoad = supports(office, 'loadItem') && mailbox.loadItemByIdAsync !== undefined;
    const work = turn.then(() => loadAll(mailbox, canLoad ? ids : [], describe, () => mine === asking));
    turn = work.catch(() => {});
    const items = await work;
    if (mine !== asking) return;
    onChange({
      key: `selected\n${ids.join('\n')}`,
      kind: 'mail',
      mode: 'read',
      title: '',
      count: ids.length,
      people: unitePeople(items.flatMap(({ people }) => people)),
      isPartial: items.some(({ isPartial }) => isPartial),
      unanswered: items.length < ids.length ? ['from', 'to', 'cc'] : [],
      context: null,
    });
  };

  mailbox.addHandlerAsync?.(event, () => void look());
  // Several may be selected before the pane opens.
  void look();
}

async function loadAll(
  mailbox: OfficeMailbox,
  ids: readonly string[],
  describe: (item: OfficeItem) => Promise<OpenItem>,
  isWanted: () => boolean,
): Promise<OpenItem[]> {
  const described: OpenItem[] = [];
  for (const id of ids) {
    if (!isWanted()) break;
    const loaded = await ask<OfficeItem>({ getAsync: (done) => mailbox.loadItemByIdAsync?.(id, done) });
    if (!loaded.ok) continue;
    try {
      described.push(await describe(loaded.value));
    } catch {
      // A protected mail: counted as one that did not answer.
    } finally {
      await ask({ getAsync: (done) => loaded.value.unloadAsync?.(done) });
    }
  }
  return described;
}
