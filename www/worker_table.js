// The workers one by one: what each does, how long its jobs take, how often it had to be replaced.

import { makeElement, setText } from './page.js';
import { countText, exitText, millisecondsText, shareText } from './wording.js';

// Heading for a narrow page, where the table has no head; and class of the cell.
const COLUMNS = [
  ['', 'worker-name'], ['State', 'worker-state'], ['Busy', 'worker-busy'], ['Jobs', 'figures'], ['p50, ms', 'figures'], ['p95', 'figures'],
  ['p99', 'figures'], ['max', 'figures'], ['Restarts', 'figures'], ['Last exit', 'worker-exit'],
];

/** Times of the kind that the worker did most of: as long as the room is on, that is the room. */
function executionTimes({ executionMilliseconds }) {
  return Object.values(executionMilliseconds).reduce((most, times) => (times.count > (most?.count ?? 0) ? times : most), null);
}

function makeRow(index) {
  const row = makeElement('tr', 'worker');
  row.setAttribute('role', 'row');
  const cells = COLUMNS.map(([label, className], column) => {
    const cell = makeElement(column === 0 ? 'th' : 'td', className);
    cell.setAttribute('role', column === 0 ? 'rowheader' : 'cell');
    if (label) cell.dataset.label = label;
    return cell;
  });
  cells[0].textContent = String(index + 1);
  cells[0].scope = 'row';
  const bar = makeElement('span', 'gauge-bar');
  bar.setAttribute('aria-hidden', 'true');
  const fill = bar.appendChild(document.createElement('span'));
  const busy = makeElement('span', 'figures');
  cells[2].append(busy, bar);
  row.append(...cells);
  return { row, cells, busy, fill };
}

function fillRow({ row, cells, busy, fill }, worker) {
  const { state, busyShare, jobs, restarts } = worker;
  const times = executionTimes(worker);
  row.dataset.state = state;
  setText(cells[1], worker.keepsTime ? `${state}, keeps time` : state);
  setText(busy, shareText(busyShare));
  fill.style.width = `${busyShare * 100}%`;
  setText(cells[3], countText(jobs));
  ['p50', 'p95', 'p99', 'max'].forEach((name, place) => setText(cells[4 + place], times ? millisecondsText(times[name]) : '–'));
  setText(cells[8], countText(restarts));
  setText(cells[9], exitText(worker));
}

/** A function that shows these workers in the body of a table. */
export function workerTable(body) {
  const rows = [];
  return (workers) => {
    while (rows.length < workers.length) {
      const made = makeRow(rows.length);
      rows.push(made);
      body.append(made.row);
    }
    while (rows.length > workers.length) rows.pop().row.remove();
    workers.forEach((worker, index) => fillRow(rows[index], worker));
  };
}
