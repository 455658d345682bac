/**
 * The functions for an Excel that cannot share the pane's runtime, where they would have neither a sign-in nor a
 * stream: every cell says so. An Excel that can never loads this file, though its manifest must name it.
 */
import { associateFunctions, cellFault } from '../shared/office/custom-functions.ts';
import { en } from './words/en.ts';

const refuse = (): never => {
  throw cellFault('#N/A', en.noRuntime);
};
void associateFunctions({ PRESENCE: refuse, ACTIVITY: refuse, UNTIL: refuse, PERSON: refuse });
