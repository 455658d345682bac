/** English of the Excel pane's cells and commands: the catalogue that defines their keys. */
import type { Sentence } from '../../shared/i18n/i18n.ts';

export const en = {
  signIn: '{sign} Open the Jellybean pane',
  noAddress: 'Give an address, such as bob@contoso.example.',
  notFound: 'Nobody in the directory has this address.',
  notNow: 'Jellybean could not look this up. Recalculate to try again.',
  noRuntime: 'This Excel cannot share the runtime of the Jellybean pane, so its functions do not work here.',
  colour: 'Colour presence in the selected cells',
  coloured: 'The selected cells take the colour of the presence in them.',
  notColoured: 'Excel did not take the colours: {detail}',
  name: 'Name',
  presence: 'Presence',
  address: 'Address',
  jobTitle: 'Title',
  department: 'Department',
  office: 'Office',
  phone: 'Phone',
} as const satisfies Record<string, Sentence>;
