/** `<jb-play-outlook>`: the whole played Outlook. Binds mailbox, host, pane and controls; takes dropped mails. */
import { css, html, type LitElement } from 'lit';
import { setTheme } from '../../shared/ui/theme.ts';
import type { HostModel } from '../host/model.ts';
import { PlayScreen } from '../play-screen.ts';
import { symbol } from '../symbol.ts';
import { w } from '../words.ts';
import { cast } from './demo-mails.ts';
import { createOutlookHost } from './host.ts';
import './mail-list.ts';
import type { Mailbox, MailboxChange, MailboxItem, Mailperson, ThemeName } from './mailbox.ts';
import './open-item.ts';
import { createSilentFrames } from './silent-frames.ts';

export class PlayOutlook extends PlayScreen {
  static override properties = {
    ...PlayScreen.properties,
    mailbox: { attribute: false },
    known: { attribute: false },
  };
  declare mailbox: Mailbox;
  declare known: readonly Mailperson[];
  readonly callNames = [
    'item.open',
    'recipients.get',
    'from.get',
    'subject.get',
    'notification.add',
    'settings.save',
  ];
  #host: HostModel | null = null;
  readonly #silent = createSilentFrames({
    model: () => this.host,
    conditions: this.conditions,
    locale: () => this.locale,
    container: () => this.renderRoot.querySelector('.silent') as Element,
  });
  #drafts = 0;

  static override styles = [
    ...PlayScreen.styles,
    css`
      main {
        grid-template-columns: minmax(240px, 300px) minmax(320px, 1fr) auto;
      }
      main.controlled {
        grid-template-columns: minmax(240px, 300px) minmax(320px, 1fr) auto 260px;
      }
      .inbox {
        display: flex;
        flex-direction: column;
      }
      .commands {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        padding: 8px;
      }
      jb-play-mails {
        flex: 1;
        min-height: 0;
      }
      .drop {
        border-top: 1px solid var(--colorNeutralStroke2);
        padding: 10px 12px;
      }
      .failure {
        margin-top: 6px;
      }
      @media (width < 900px) {
        main,
        main.controlled {
          grid-template-columns: minmax(0, 1fr);
        }
        .inbox {
          max-height: 45dvh;
        }
        .lead {
          display: none;
        }
      }
    `,
  ];

  get host(): HostModel {
    this.#host ??= createOutlookHost(this.mailbox, {
      compose: (kind, people, subject) =>
        this.#compose({ kind, subject, to: people.map((one) => this.#person(one)) }),
      show: (id) => this.mailbox.openItem(id),
    });
    return this.#host;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.mailbox.subscribe((change) => {
      this.#launch(change);
      if (change === 'theme') setTheme(this.mailbox.theme === 'light' ? 'light' : 'dark');
      this.requestUpdate();
      this.renderRoot?.querySelector<LitElement>('jb-play-item')?.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#silent.close();
  }

  override render(): unknown {
    const { mailbox } = this;
    return html`${this.drawHead(w('title.outlook'), w('lead'), this.#itemName())}
      <main class=${this.hasControls ? 'controlled' : ''}>
        <div class="panel inbox">
          <div class="commands">
            <button class="primary" @click=${() => this.#compose({ kind: 'mail' })}>${symbol('mail')}${w('newMail')}</button>
            <button @click=${() => this.#compose({ kind: 'appointment' })}>${symbol('calendar')}${w('newAppointment')}</button>
          </div>
          <jb-play-mails
            aria-label=${w('list.title')}
            .items=${mailbox.items}
            .openId=${mailbox.open?.id ?? null}
            @open=${(event: CustomEvent<string>) => mailbox.openItem(event.detail)}
          ></jb-play-mails>
          <div class="drop secondary">
            ${w('list.drop')}
            ${this.drawChoice('.eml,message/rfc822')}
            ${this.drawFailure()}
          </div>
        </div>
        <jb-play-item
          class="panel"
          .mailbox=${mailbox}
          .item=${mailbox.open}
          .known=${this.known}
          @reply=${this.#reply}
          @command=${(event: CustomEvent<string>) => this.#silent.run('commands', event.detail)}
        ></jb-play-item>
        ${this.drawPane('/addins/outlook/pane.html')}
      </main>
      <div class="silent" hidden></div>
      ${this.drawOverlay(w('drop.here'))}`;
  }

  /** What Outlook starts by itself, as `LaunchEvent` in the manifest asks. */
  #launch(change: MailboxChange): void {
    const { open } = this.mailbox;
    if (open?.kind !== 'mail' || open.mode !== 'compose') return;
    if (change === 'open') void this.#silent.run('launch-event', 'onNewMessageCompose');
    if (change === 'to' || change === 'cc' || change === 'bcc')
      void this.#silent.run('launch-event', 'onMessageRecipientsChanged');
  }

  get theme(): ThemeName {
    return this.mailbox.theme;
  }
  changeTheme(theme: ThemeName): void {
    this.mailbox.setTheme(theme);
  }

  /** The same mail in another person's mailbox. */
  #itemName(): string {
    return this.mailbox.open?.id.replace(`${this.player}-`, '') ?? 'none';
  }

  #person(address: string): Mailperson {
    return this.known.find((one) => one.address === address) ?? { name: address, address };
  }

  #compose(item: Pick<MailboxItem, 'kind'> & Partial<MailboxItem>): void {
    this.#drafts += 1;
    const at = new Date(Math.ceil(Date.now() / 1_800_000) * 1_800_000);
    const draft: MailboxItem = {
      id: `draft-${this.#drafts}`,
      mode: 'compose',
      subject: '',
      from: cast[this.player],
      to: [],
      cc: [],
      at: item.kind === 'appointment' ? at : new Date(),
      ...(item.kind === 'appointment' ? { until: new Date(at.getTime() + 1_800_000) } : {}),
      text: '',
      ...item,
    };
    this.mailbox.add(draft);
    this.mailbox.openItem(draft.id);
  }

  #reply(event: CustomEvent<{ item: MailboxItem; people: readonly Mailperson[] }>): void {
    const { item, people } = event.detail;
    const me = cast[this.player].address;
    const others = people.filter((one, index) => one.address !== me && people.indexOf(one) === index);
    const { response: _response, ...first } = others[0] ?? item.from;
    const thread = item.conversationId === undefined ? {} : { conversationId: item.conversationId };
    this.#compose({
      kind: 'mail',
      subject: /^re:/i.test(item.subject) ? item.subject : `RE: ${item.subject}`,
      to: [first, ...others.slice(1)],
      ...thread,
    });
  }

  async take(file: File): Promise<void> {
    // The parser is half of this page's weight, and few visits drop a mail.
    const { readMail } = await import('./eml.ts');
    const item = await readMail(file);
    this.mailbox.add(item);
    this.mailbox.openItem(item.id);
  }

  wordFor(failure: string, name: string): string {
    const detail = failure === 'no-people' ? w('drop.noPeople') : failure;
    return w('drop.failed', { name, detail });
  }
}

customElements.define('jb-play-outlook', PlayOutlook);
