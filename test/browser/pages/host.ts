/** The hosting page of office-host.test.ts: Outlook without a face, its handles on `window.play`. */

import { type AddInFrame, openAddIn } from '../../../addins/playground/host/frame.ts';
import { createConditions } from '../../../addins/playground/host/model.ts';
import { createOutlookHost } from '../../../addins/playground/outlook/host.ts';
import { demoMailbox } from '../../support/demo-mailbox.ts';

const mailbox = demoMailbox();
const shown: unknown[] = [];
const focus: string[] = [];
const model = createOutlookHost(mailbox, {
  compose: (...form) => shown.push(form),
  show: (id) => shown.push(id),
});
const conditions = createConditions();
let frame: AddInFrame | null = null;

const play = {
  mailbox,
  conditions,
  shown,
  focus,
  get frame() {
    return frame;
  },
  open(url: string, locale = 'en-US') {
    frame?.close();
    frame = openAddIn({
      model,
      conditions,
      url,
      title: 'Add-in',
      locale,
      container: document.body,
      onFocusOut: (how) => {
        focus.push(how);
      },
    });
  },
};
Object.assign(window, { play });
export type Play = typeof play;
