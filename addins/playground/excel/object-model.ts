/**
 * Excel's object model over the played workbook, as far as an add-in that looks for people asks: properties,
 * comments with replies and mentions, the selected cells, and formats that follow the text.
 */
import { RichFailure, RichList, type RichObject, RichValue } from '../host/rich-api.ts';
import {
  type Area,
  addressOf,
  type CellComment,
  cellOf,
  type PlayedWorkbook,
  type Remark,
} from './workbook.ts';

/** Excel's own size, which a whole column has. */
export const mostRows = 1_048_576;

/** Makes the `Workbook` of office.js; values are read when they are asked for. */
export function excelModel(played: PlayedWorkbook, services: RichObject): RichObject {
  function rangeOf(area: Area): RichObject {
    const { top, left, bottom, right } = area;
    const rows = bottom - top + 1;
    const columns = right - left + 1;
    return {
      address: addressOf(played.file.sheet, area),
      rowIndex: top,
      columnIndex: left,
      rowCount: rows,
      columnCount: columns,
      cellCount: rows * columns,
      get values() {
        return valuesOf(area, (cell) => cell?.value ?? '');
      },
      get formulas() {
        return valuesOf(area, (cell) => cell?.formula ?? cell?.value ?? '');
      },
      get hyperlink() {
        const link = rows * columns === 1 ? played.cellAt(top, left)?.link : undefined;
        return link === undefined ? null : new RichValue({ address: link });
      },
      conditionalFormats: { add: () => formatOf(area) },
      getCell: (row: number, column: number) => rangeOf(cellArea(top + row, left + column)),
      getResizedRange: (more: number, wider: number) =>
        rangeOf({ ...area, bottom: bottom + more, right: right + wider }),
      getUsedRangeOrNullObject() {
        const used = usedIn(area);
        return used === null ? null : rangeOf(used);
      },
    };
  }

  function valuesOf(
    { top, left, bottom, right }: Area,
    read: (cell: ReturnType<PlayedWorkbook['cellAt']>) => unknown,
  ): unknown[][] {
    return Array.from({ length: bottom - top + 1 }, (_, row) =>
      Array.from({ length: right - left + 1 }, (_unused, column) =>
        read(played.cellAt(top + row, left + column)),
      ),
    );
  }

  /** The part of the area that holds something. */
  function usedIn(area: Area): Area | null {
    const { rows, columns } = played.size;
    let used: Area | null = null;
    for (let row = area.top; row <= Math.min(area.bottom, rows - 1); row += 1) {
      for (let column = area.left; column <= Math.min(area.right, columns - 1); column += 1) {
        if (played.cellAt(row, column) === null) continue;
        used ??= cellArea(row, column);
        used = {
          top: Math.min(used.top, row),
          left: Math.min(used.left, column),
          bottom: Math.max(used.bottom, row),
          right: Math.max(used.right, column),
        };
      }
    }
    return used;
  }

  function formatOf(area: Area): RichObject {
    const format = { area, text: '', operator: 'Contains', color: '' };
    played.addFormat(format);
    return {
      type: 'ContainsText',
      textComparison: {
        setRule(rule: { text: string; operator: string }) {
          Object.assign(format, { text: rule.text, operator: rule.operator });
          played.changedFormat();
        },
        format: {
          font: {
            setColor(color: string) {
              format.color = color;
              played.changedFormat();
            },
          },
        },
      },
    };
  }

  const toComment = (comment: CellComment): RichObject => ({
    ...toRemark(comment),
    resolved: false,
    replies: new RichList(comment.replies.map(toRemark), 'id'),
    getLocation: () => rangeOf(cellArea(comment.row, comment.column)),
  });

  return {
    ...services,
    get name() {
      return played.file.name;
    },
    get properties() {
      const { title, author, lastAuthor, createdAt } = played.file;
      return { title, author, lastAuthor, creationDate: createdAt };
    },
    get comments() {
      return new RichList(played.file.comments.map(toComment), 'id', {
        getItemByCell(address: string) {
          const place = cellOf(address);
          const found = played.file.comments.find(
            ({ row, column }) => row === place?.row && column === place.column,
          );
          if (found === undefined)
            throw new RichFailure('ItemNotFound', `There is no comment at ${address}.`);
          return toComment(found);
        },
      });
    },
    getSelectedRange: () => rangeOf(played.selection),
    getSelectedRanges: () => ({ areas: new RichList([rangeOf(played.selection)]) }),
  };
}

const cellArea = (row: number, column: number): Area => ({
  top: row,
  left: column,
  bottom: row,
  right: column,
});

function toRemark(remark: Remark): RichObject {
  return {
    id: remark.id,
    authorName: remark.by.name,
    authorEmail: remark.by.address,
    content: remark.text,
    creationDate: remark.at,
    mentions: remark.mentions.map(({ name, address }, id) => ({ id, name, email: address })),
  };
}
