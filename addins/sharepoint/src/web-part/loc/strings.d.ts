/** What the property pane says; one file of this folder for each language. */
declare interface PeopleWebPartStrings {
  Description: string;
  WhomGroup: string;
  Source: string;
  SourceMembers: string;
  SourceGroup: string;
  SourcePage: string;
  SourceChosen: string;
  GroupId: string;
  GroupIdHint: string;
  Chosen: string;
  ChosenHint: string;
  LookGroup: string;
  Heading: string;
  Layout: string;
  LayoutList: string;
  LayoutCompact: string;
  LayoutCards: string;
  HasChat: string;
  ServerGroup: string;
  ServerUrl: string;
  ServerUrlHint: string;
  ServerUrlWrong: string;
  GroupIdWrong: string;
  RoleAuthor: string;
  RoleEditor: string;
  RoleOwner: string;
  NotOnPage: string;
  NoGroup: string;
  Refused: string;
}
declare module 'PeopleWebPartStrings' {
  const strings: PeopleWebPartStrings;
  export = strings;
}
